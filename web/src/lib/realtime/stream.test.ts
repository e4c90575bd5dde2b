import { describe, expect, it } from 'vitest';
import { TextStream } from './stream';

/** A small seeded generator (mulberry32), so that a failing case can be run again by its seed. */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const ALPHABET = ['a', 'b', ' ', '\n', '*', '`', 'é', '漢', '😀', '👩‍🚀', 'ﷺ'];

function makeText(next: () => number): string {
  return Array.from(
    { length: 1 + Math.floor(next() * 400) },
    () => ALPHABET[Math.floor(next() * ALPHABET.length)],
  ).join('');
}

/** Cuts a text into pieces at any code unit, also within a surrogate pair, as an upstream's chunks may. */
function cut(text: string, next: () => number): { offset: number; piece: string }[] {
  const pieces: { offset: number; piece: string }[] = [];
  for (let offset = 0; offset < text.length;) {
    const piece = text.slice(offset, offset + 1 + Math.floor(next() * 12));
    pieces.push({ offset, piece });
    offset += piece.length;
  }
  return pieces;
}

describe('TextStream', () => {
  it('joins pieces that arrive in order', () => {
    const stream = new TextStream();
    for (const piece of cut('Hello, world', random(1))) expect(stream.add(piece.offset, piece.piece)).toBe(true);
    expect(stream.text).toBe('Hello, world');
    expect(stream.gap).toBe(false);
  });

  it('cuts what overlaps and drops what was there already', () => {
    const stream = new TextStream('Hello');
    expect(stream.add(0, 'Hel')).toBe(false);
    expect(stream.add(3, 'lo, w')).toBe(true);
    expect(stream.text).toBe('Hello, w');
  });

  it('holds a piece beyond a gap until the missing one comes', () => {
    const stream = new TextStream('ab');
    expect(stream.add(4, 'ef')).toBe(false);
    expect(stream.gap).toBe(true);
    stream.add(2, 'cd');
    expect(stream.text).toBe('abcdef');
    expect(stream.gap).toBe(false);
  });

  it('closes a gap from the composed text and goes on with what waited', () => {
    const stream = new TextStream('ab');
    stream.add(8, 'ij');
    stream.adopt('abcdefghi');
    expect(stream.text).toBe('abcdefghij');
    expect(stream.gap).toBe(false);
  });

  it('stays open when the composed text does not reach the waiting piece yet', () => {
    const stream = new TextStream('ab');
    stream.add(8, 'ij');
    stream.adopt('abcd');
    expect(stream.text).toBe('abcd');
    expect(stream.gap).toBe(true);
  });

  it('is not set back by an older reading', () => {
    const stream = new TextStream('abcdef');
    expect(stream.adopt('abc')).toBe(false);
    expect(stream.text).toBe('abcdef');
  });

  it('settles on the final text', () => {
    const stream = new TextStream('abc');
    stream.add(9, 'late');
    stream.settle('abcdef');
    expect(stream.text).toBe('abcdef');
    expect(stream.gap).toBe(false);
  });

  it.each(Array.from({ length: 300 }, (_, seed) => seed))(
    'shows only a prefix, loses nothing and doubles nothing under drops, repeats, reordering and reconnects (seed %i)',
    (seed) => {
      const next = random(seed);
      const text = makeText(next);
      const stream = new TextStream();
      const arriving: { offset: number; piece: string }[] = [];
      for (const piece of cut(text, next)) {
        const produced = piece.offset + piece.piece.length;
        if (next() > 0.15) arriving.push(piece);
        if (next() < 0.15) arriving.push(piece);
        if (next() < 0.15 && arriving.length > 1) {
          const other = Math.floor(next() * arriving.length);
          [arriving[other], arriving[arriving.length - 1]] = [arriving[arriving.length - 1]!, arriving[other]!];
        }
        while (arriving.length > 0 && next() < 0.7) {
          const arrived = arriving.shift()!;
          stream.add(arrived.offset, arrived.piece);
          expect(text.startsWith(stream.text)).toBe(true);
        }
        // A reconnect: the log lags behind what was produced, sometimes behind what is shown.
        if (next() < 0.1) stream.adopt(text.slice(0, Math.floor(produced * next())));
        expect(text.startsWith(stream.text)).toBe(true);
      }
      for (const arrived of arriving) stream.add(arrived.offset, arrived.piece);
      expect(text.startsWith(stream.text)).toBe(true);
      stream.adopt(text);
      expect(stream.text).toBe(text);
      expect(stream.gap).toBe(false);
    },
  );
});
