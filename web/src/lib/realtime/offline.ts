import { online } from 'svelte/reactivity/window';
import { realtime } from './realtime.svelte.ts';

/** Whether there is no network: what this device keeps can be read, and nothing can be sent. */
export const isOffline = (): boolean => online.current === false || realtime.status === 'offline';
