import { Selection } from '#lib/ui/selection.svelte.ts';

/** The chats picked in the list. */
export const selection = new Selection();
