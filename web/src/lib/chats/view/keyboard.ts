/** Keeps an element above the phone keyboard where the browser lays it over the page (iOS): pads it by what is covered. */
export function aboveKeyboard(node: HTMLElement): () => void {
  const viewport = window.visualViewport;
  if (!viewport) return () => {};
  const update = () => {
    const covered = Math.max(0, window.innerHeight - viewport.height - viewport.offsetTop);
    // Less is a browser bar coming and going.
    node.style.paddingBottom = covered > 80 && viewport.scale === 1 ? `${covered}px` : '';
  };
  viewport.addEventListener('resize', update);
  viewport.addEventListener('scroll', update);
  return () => {
    viewport.removeEventListener('resize', update);
    viewport.removeEventListener('scroll', update);
  };
}
