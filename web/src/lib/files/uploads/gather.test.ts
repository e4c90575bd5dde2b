import { expect, it, vi } from 'vitest';
import { gather } from './gather.ts';

it('asks at once for what is wanted within a moment, a hundred at most', async () => {
  const act = vi.fn((_: number[]) => Promise.resolve());
  const add = gather(act, 5);
  await Promise.all(Array.from({ length: 150 }, (_, number) => add(number)));
  expect(act.mock.calls.map(([items]) => items.length)).toEqual([100, 50]);
  await add(7);
  expect(act).toHaveBeenLastCalledWith([7]);
});

it('tells everybody of a failure, and goes on after it', async () => {
  const act = vi.fn((_: number[]): Promise<void> => Promise.reject(new Error('no')));
  const add = gather(act, 5);
  expect(await Promise.allSettled([add(1), add(2)])).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  act.mockResolvedValueOnce(undefined);
  await add(3);
});
