/** Keeps what floats over the page above an element that stands at its foot. */
export function atFoot(node: HTMLElement): () => void {
  const { style } = document.documentElement;
  const observer = new ResizeObserver(() => {
    const { bottom, height } = node.getBoundingClientRect();
    // In the middle of the page nothing floats over it.
    style.setProperty('--at-foot', innerHeight - bottom < 100 ? `${Math.round(height)}px` : '0px');
  });
  observer.observe(node);
  return () => {
    observer.disconnect();
    style.removeProperty('--at-foot');
  };
}
