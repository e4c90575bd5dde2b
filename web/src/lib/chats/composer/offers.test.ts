import { expect, it } from 'vitest';
import type { Config, Session } from '#lib/accounts/queries.ts';
import type { Model } from '#lib/models/queries.ts';
import { offersOf } from './offers.ts';

const model = (id: string, capabilities: object | null = null) =>
  ({ id, info: { meta: { capabilities } } }) as unknown as Model;
const config = (web: boolean, may?: object) =>
  ({ features: { enable_web_search: web }, permissions: may }) as unknown as Config;
const person = { role: 'user' } as Session;

it('offers what all of the models take; what a model does not say it takes', () => {
  const models = [model('a'), model('b', { vision: false, web_search: false })];
  expect(offersOf(models, ['a'], config(true), person)).toMatchObject({ pictures: true, files: true, web: true });
  expect(offersOf(models, ['a', 'b'], config(true), person)).toMatchObject({
    pictures: false,
    files: true,
    web: false,
  });
});

it('offers what the server and the admin let people do', () => {
  const may = { chat: { file_upload: false }, features: { web_search: false } };
  const none = { pictures: false, files: false, web: false, mostFiles: null, largestFile: null };
  expect(offersOf([], [], config(true, may), person)).toEqual(none);
  const limited = { ...config(false), file: { max_count: 3, max_size: 2 } } as Config;
  expect(offersOf([], [], limited, person)).toMatchObject({ mostFiles: 3, largestFile: 2_097_152 });
  expect(offersOf([], [], config(true, may), { role: 'admin' } as Session).web).toBe(true);
  expect(offersOf([], [], config(false), person).web).toBe(false);
  expect(offersOf([], [], undefined, undefined).web).toBe(false);
});
