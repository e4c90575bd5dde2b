import { MediaQuery } from 'svelte/reactivity';

const KEY = 'cirrus.sidebar';
const MIN = 224;
const MAX = 400;
/** 17 rem. */
const DEFAULT = 272;

type Stored = { open: boolean; width: number };

function read(): Stored {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Stored>;
    return { open: stored.open ?? true, width: clamp(stored.width ?? DEFAULT) };
  } catch {
    return { open: true, width: DEFAULT };
  }
}

const clamp = (width: number) => Math.min(MAX, Math.max(MIN, Math.round(width)));

/** The sidebar: beside the page where there is room, a sheet over it on a phone. Survives a reload. */
class SidebarState {
  #stored = $state(read());
  #phone = new MediaQuery('width < 48rem');
  sheet = $state(false);
  readonly min = MIN;
  readonly max = MAX;

  get phone(): boolean {
    return this.#phone.current;
  }

  /** Whether it stands beside the page. */
  get docked(): boolean {
    return !this.phone && this.#stored.open;
  }

  get width(): number {
    return this.#stored.width;
  }

  set width(width: number) {
    this.#keep({ ...this.#stored, width: clamp(width) });
  }

  resetWidth(): void {
    this.width = DEFAULT;
  }

  toggle(): void {
    if (this.phone) this.sheet = !this.sheet;
    else this.#keep({ ...this.#stored, open: !this.#stored.open });
  }

  #keep(stored: Stored): void {
    this.#stored = stored;
    localStorage.setItem(KEY, JSON.stringify(stored));
  }
}

export const sidebar = new SidebarState();
