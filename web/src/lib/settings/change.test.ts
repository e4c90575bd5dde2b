import { afterEach, expect, test } from 'vitest';
import { queryClient } from '#lib/api/queries.ts';
import { changeSettings } from './change.ts';

type Settings = { on: boolean; names: string[] };

const KEY = ['settings', 'of', 'a', 'test'];
const shown = () => queryClient.getQueryData<Settings>(KEY);
const held = () => Promise.withResolvers<void>();

afterEach(() => queryClient.clear());

test('a change waits for the one before it and takes along what became of that', async () => {
  queryClient.setQueryData<Settings>(KEY, { on: false, names: [] });
  const slow = held();
  const sent: Settings[] = [];
  const save = async (next: Settings) => {
    sent.push(next);
    await slow.promise;
    return next;
  };
  const both = Promise.all([
    changeSettings<Settings>(KEY, { on: true }, save),
    changeSettings<Settings>(KEY, { names: ['Duel'] }, save),
  ]);
  await expect.poll(shown).toEqual({ on: true, names: ['Duel'] });
  expect(sent).toEqual([{ on: true, names: [] }]);
  slow.resolve();
  await both;
  expect(sent.at(-1)).toEqual({ on: true, names: ['Duel'] });
  expect(shown()).toEqual({ on: true, names: ['Duel'] });
});

test('a refused change is taken back and the one after it is kept', async () => {
  queryClient.setQueryData<Settings>(KEY, { on: false, names: [] });
  const refused = changeSettings<Settings>(KEY, { on: true }, () => Promise.reject(new Error('not you')));
  const kept = changeSettings<Settings>(KEY, { names: ['Duel'] }, (next) => Promise.resolve(next));
  await expect(refused).rejects.toThrow('not you');
  await kept;
  expect(shown()).toEqual({ on: false, names: ['Duel'] });
});
