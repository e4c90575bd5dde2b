/**
 * One text that arrives in pieces, each with the offset it belongs at (UTF-16 code units, as `String.length` counts).
 * Pieces may come twice, late, out of order or not at all; the text is at every moment a prefix of what was sent.
 */
export class TextStream {
  text: string;
  #waiting = new Map<number, string>();

  constructor(text = '') {
    this.text = text;
  }

  /** True while a piece is held back because something before it is missing. */
  get gap(): boolean {
    return this.#waiting.size > 0;
  }

  /** Takes a piece; returns whether the text grew. What overlaps is cut, what lies beyond a gap waits. */
  add(offset: number, piece: string): boolean {
    if (piece === '') return false;
    if (offset > this.text.length) {
      const held = this.#waiting.get(offset);
      if (held === undefined || held.length < piece.length) this.#waiting.set(offset, piece);
      return false;
    }
    const grown = this.#append(offset, piece);
    if (grown) this.#drain();
    return grown;
  }

  /** Takes the text as the server composed it; an older, shorter reading changes nothing. Returns whether the text grew. */
  adopt(snapshot: string): boolean {
    if (snapshot.length <= this.text.length) return false;
    this.text = snapshot;
    this.#drain();
    return true;
  }

  /** Replaces the text by the final one; nothing more is waited for. */
  settle(text: string = this.text): void {
    this.text = text;
    this.#waiting.clear();
  }

  #append(offset: number, piece: string): boolean {
    const fresh = piece.slice(this.text.length - offset);
    this.text += fresh;
    return fresh !== '';
  }

  #drain(): void {
    let offsets = [...this.#waiting.keys()].sort((a, b) => a - b);
    while (offsets.length > 0 && offsets[0]! <= this.text.length) {
      const offset = offsets[0]!;
      this.#append(offset, this.#waiting.get(offset)!);
      this.#waiting.delete(offset);
      offsets = offsets.slice(1);
    }
  }
}
