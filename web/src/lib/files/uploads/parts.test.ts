import { expect, it, vi } from 'vitest';
import { inParts, nothing, type Sending } from './parts.ts';

const PART = 10;

/** A storage that refuses a part as often as it is told to. */
function storage(refusals: Record<number, number> = {}) {
  const asked: [number, number][] = [];
  const seen = { now: 0, most: 0 };
  const sending: Sending = {
    places: async (first, count) => {
      asked.push([first, count]);
      return Array.from({ length: count }, (_, place) => `part ${first + place}`);
    },
    put: async (url, number, onprogress) => {
      seen.most = Math.max(seen.most, ++seen.now);
      onprogress(PART / 2);
      await Promise.resolve();
      seen.now--;
      if ((refusals[number] ?? 0) > 0) {
        refusals[number]!--;
        throw new Error(`refused ${number}`);
      }
      onprogress(PART);
      return `name of ${url}`;
    },
    onprogress: vi.fn(),
  };
  return { sending, asked, seen };
}

it('sends every part once, three at a time, and names them in order', async () => {
  const { sending, asked, seen } = storage();
  const names = await inParts(nothing(45), sending);
  expect(names).toEqual(Array.from({ length: 45 }, (_, place) => `name of part ${place + 1}`));
  expect(seen.most).toBe(3);
  expect(asked).toEqual([
    [1, 20],
    [21, 20],
    [41, 5],
  ]);
  expect(sending.onprogress).toHaveBeenLastCalledWith(45 * PART);
});

it('tries a part again, at a new address', async () => {
  const { sending, asked } = storage({ 2: 2 });
  expect(await inParts(nothing(3), sending, 1)).toHaveLength(3);
  expect(asked).toEqual([
    [1, 3],
    [2, 1],
    [2, 1],
  ]);
  expect(sending.onprogress).toHaveBeenLastCalledWith(3 * PART);
});

it('asks again for addresses that did not come', async () => {
  const { sending, asked } = storage();
  sending.places = vi.fn(sending.places).mockRejectedValueOnce(new Error('502'));
  expect(await inParts(nothing(2), sending, 1)).toHaveLength(2);
  expect(asked).toEqual([[1, 2]]);
});

it('gives up after five tries, and sends nothing more', async () => {
  const { sending } = storage({ 1: 9 });
  await expect(inParts(nothing(60), sending, 1)).rejects.toThrow('refused 1');
});

it('ends at once where somebody ends it', async () => {
  const { sending, asked } = storage();
  sending.put = () => Promise.reject(new DOMException('', 'AbortError'));
  await expect(inParts(nothing(2), sending, 1)).rejects.toThrow(DOMException);
  expect(asked).toEqual([[1, 2]]);
});

it('goes on where it was ended, with what is missing', async () => {
  const { sending, asked } = storage();
  const gone = nothing(24);
  const put = sending.put;
  sending.put = (url, number, onprogress) =>
    number % 2 ? put(url, number, onprogress) : Promise.reject(new DOMException('', 'AbortError'));
  await expect(inParts(gone, sending)).rejects.toThrow(DOMException);
  const there = gone.names.filter(Boolean).length;
  expect(there).toBeGreaterThan(0);
  sending.put = vi.fn(put);
  asked.length = 0;
  expect(await inParts(gone, sending)).toEqual(Array.from({ length: 24 }, (_, place) => `name of part ${place + 1}`));
  expect(sending.put).toHaveBeenCalledTimes(24 - there);
  expect(asked[0]![0]).toBeGreaterThan(1);
  expect(sending.onprogress).toHaveBeenLastCalledWith(24 * PART);
});
