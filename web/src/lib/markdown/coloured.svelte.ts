import { escapeHtml } from './escape.ts';
import { highlight, newBlock } from './highlight.ts';
import { grammarOf } from './languages.ts';

/** Beyond this the colours are not worth the work. */
const MAX_LENGTH = 200_000;
/** At least this long between two readings of a growing block. */
const PAUSE_MS = 120;

interface Coloured {
  source: string;
  html: string;
}

/** The lines of a code block with the colours known so far; lines not read yet are plain. */
export class ColouredCode {
  #lines = $state.raw<Coloured[]>([]);
  #block = newBlock();
  #wanted: { language: string; code: string } | null = null;
  #busy = false;

  /** HTML of a line with its end; plain where the line has not been coloured as it stands. */
  html(index: number, source: string): string {
    const line = this.#lines[index];
    return `${line?.source === source ? line.html : escapeHtml(source)}\n`;
  }

  /** Asks for colours; while an answer is awaited only the newest wish is kept. */
  want(language: string, code: string): void {
    const grammar = grammarOf(language);
    if (!grammar || code.length > MAX_LENGTH) return;
    this.#wanted = { language: grammar, code };
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    while (this.#wanted) {
      const { language, code } = this.#wanted;
      this.#wanted = null;
      const { from, lines } = await highlight({ block: this.#block, language, code });
      if (!lines) break;
      const sources = code.split('\n');
      this.#lines = [
        ...this.#lines.slice(0, from),
        ...lines.map((html, i) => ({ source: sources[from + i] ?? '', html })),
      ];
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    this.#busy = false;
  }
}
