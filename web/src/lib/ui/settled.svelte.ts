import { whenIdle } from './idle.ts';

let settled = $state(false);
whenIdle(() => (settled = true));

/** Whether the first paint is over and the browser had time for more: what only a pointer brings up waits for that. */
export const isSettled = (): boolean => settled;
