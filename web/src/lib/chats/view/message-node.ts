/** Where a message of the chat is on the page, if it is. */
export function messageNode(id: string | null, within: ParentNode = document): HTMLElement | null {
  return within.querySelector<HTMLElement>(`[data-message="${CSS.escape(id ?? '')}"]`);
}
