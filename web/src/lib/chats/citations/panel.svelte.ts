import type { Citation } from './sources.ts';

/** The sources that are looked at beside a chat, and which of them. */
class SourcePanel {
  shown = $state.raw<{ citations: Citation[]; number: number } | null>(null);
  /** Where the keyboard was before. */
  #opener: HTMLElement | null = null;

  open(citations: Citation[], number: number): void {
    if (this.shown === null) this.#opener = document.activeElement as HTMLElement | null;
    this.shown = { citations, number };
  }

  close(): void {
    this.shown = null;
    this.#opener?.focus();
    this.#opener = null;
  }

  /** Is gone with the page that it belongs to. */
  leave(): void {
    this.shown = this.#opener = null;
  }
}

export const sourcePanel = new SourcePanel();
