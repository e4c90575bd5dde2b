import { describe, expect, it, vi } from 'vitest';
import { Lanes } from './lanes.ts';

/** Lanes whose work ends when it is told to. */
function lanes(most: number) {
  const ends = new Map<string, (error?: unknown) => void>();
  const begun: string[] = [];
  const failed = vi.fn();
  const work = (id: string, signal: AbortSignal) =>
    new Promise<void>((done, fail) => {
      begun.push(id);
      ends.set(id, (error) => (error === undefined ? done() : fail(error)));
      signal.addEventListener('abort', () => fail(new DOMException('', 'AbortError')));
    });
  const end = async (id: string, error?: unknown) => {
    ends.get(id)!(error);
    await new Promise((turn) => setTimeout(turn));
  };
  return { lanes: new Lanes(most, work, failed), begun, failed, end };
}

describe('Lanes', () => {
  it('works off things in order, some at once', async () => {
    const { lanes: two, begun, end } = lanes(2);
    for (const id of ['a', 'b', 'c', 'a', 'c']) two.add(id);
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
    expect(two.idle).toBe(false);
    await end('a');
    await end('c');
    expect(two.idle).toBe(true);
  });

  it('goes on after a failure, and takes what failed once more', async () => {
    const { lanes: one, begun, failed, end } = lanes(1);
    one.add('a');
    one.add('b');
    await end('a', 'no network');
    expect(failed).toHaveBeenCalledWith('a', 'no network');
    await end('b');
    one.add('a');
    await end('a');
    expect(begun).toEqual(['a', 'b', 'a']);
  });

  it('ends what is being done and takes out what waits, without calling it a failure', async () => {
    const { lanes: one, begun, failed, end } = lanes(1);
    for (const id of ['a', 'b', 'c']) one.add(id);
    one.stop('b');
    one.stop('a');
    await new Promise((turn) => setTimeout(turn));
    expect(begun).toEqual(['a', 'c']);
    expect(failed).not.toHaveBeenCalled();
    await end('c');
    expect(one.idle).toBe(true);
  });

  it('takes up again at once what was ended a moment ago', async () => {
    const { lanes: one, begun, end } = lanes(1);
    one.add('a');
    one.stop('a');
    one.add('a');
    expect(begun).toEqual(['a', 'a']);
    await end('a');
    expect(one.idle).toBe(true);
  });
});
