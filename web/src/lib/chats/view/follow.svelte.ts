/** Nearer to the end than this counts as being there. */
const NEAR_PX = 32;

/** Keeps a scrolling element at its end while it grows, until the person scrolls up; then stays out of the way. */
export class Follow {
  following = $state(true);
  #node: HTMLElement | undefined;
  #top = 0;

  /** The attachment for the scrolling element; its first child is what grows. */
  attach = (node: HTMLElement): (() => void) => {
    this.#node = node;
    const stick = () => this.following && this.toEnd();
    const observer = new ResizeObserver(stick);
    observer.observe(node);
    if (node.firstElementChild) observer.observe(node.firstElementChild);
    node.addEventListener('scroll', this.#scrolled, { passive: true });
    return () => {
      observer.disconnect();
      node.removeEventListener('scroll', this.#scrolled);
      this.#node = undefined;
    };
  };

  /** Distance to the end in pixels. */
  get rest(): number {
    const node = this.#node;
    return node ? node.scrollHeight - node.clientHeight - node.scrollTop : 0;
  }

  toEnd(behavior: ScrollBehavior = 'instant'): void {
    this.following = true;
    const node = this.#node;
    if (!node) return;
    node.scrollTo({ top: node.scrollHeight, behavior });
    if (behavior === 'instant') this.#top = node.scrollTop;
  }

  /** Goes to where the end is `rest` pixels away. */
  toRest(rest: number): void {
    const node = this.#node;
    if (!node) return;
    this.following = rest <= NEAR_PX;
    node.scrollTop = node.scrollHeight - node.clientHeight - rest;
    this.#top = node.scrollTop;
  }

  /** Runs a change that adds content above and keeps what is on screen where it is. */
  async keepingPlace(change: () => Promise<void>): Promise<void> {
    const rest = this.rest;
    await change();
    if (this.#node && Math.abs(this.rest - rest) > 1) {
      this.#node.scrollTop = this.#node.scrollHeight - this.#node.clientHeight - rest;
      this.#top = this.#node.scrollTop;
    }
  }

  #scrolled = (): void => {
    const node = this.#node;
    if (!node) return;
    if (this.rest <= NEAR_PX) this.following = true;
    else if (node.scrollTop < this.#top - 1) this.following = false;
    this.#top = node.scrollTop;
  };
}
