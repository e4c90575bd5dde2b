import { tick } from 'svelte';

/**
 * Gives the keyboard to what `find` returns, once the page shows what has just changed, if what had it went away
 * with the change. Otherwise the next Tab would begin anywhere.
 */
export async function refocus(find: () => HTMLElement | null | undefined): Promise<void> {
  await tick();
  // A menu that closes hands the keyboard back first.
  requestAnimationFrame(() => {
    const active = document.activeElement;
    if (active && active !== document.body && !active.matches(':disabled')) return;
    const node = find();
    if (!node) return;
    if (node.tabIndex < 0) node.tabIndex = -1;
    node.focus({ preventScroll: true });
  });
}
