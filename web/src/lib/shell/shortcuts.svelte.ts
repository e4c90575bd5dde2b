import { SvelteSet } from 'svelte/reactivity';
import { isTyping, matches } from '#lib/ui/keys.ts';

/** Something that can be done by keyboard or from the palette. */
export type Action = {
  id: string;
  label: string;
  run: () => void;
  /** Said beside the label. */
  hint?: string;
  /** Keys such as "mod+shift+o". */
  keys?: string;
  /** Words that find it in the palette besides its label. */
  keywords?: string[];
  /** Listed among the shortcuts only, since it makes no sense elsewhere. */
  hidden?: boolean;
};

const groups = new SvelteSet<() => Action[]>();

/** Every action there is on the screen now. */
export function actions(): Action[] {
  return [...groups].flatMap((group) => group());
}

/** Makes actions known while the calling component is there. Call it when the component is made. */
export function useActions(group: () => Action[]): void {
  $effect(() => {
    groups.add(group);
    return () => groups.delete(group);
  });
}

/** Runs the action whose keys were pressed. Plain keys stay with the field that is being typed in. */
export function onShortcut(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const found = actions().find((action) => {
    if (!action.keys || !matches(event, action.keys)) return false;
    return action.keys.includes('mod') || !isTyping(event.target);
  });
  if (!found) return;
  event.preventDefault();
  found.run();
}
