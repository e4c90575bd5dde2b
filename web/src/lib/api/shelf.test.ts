import { QueryClient } from '@tanstack/svelte-query';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiError } from './errors.ts';
import { emptyShelf, fillShelf, orKept, unkeep } from './shelf.ts';

/** The part of a browser's cache storage that the shelf uses. */
class Storage {
  boxes = new Map<string, Map<string, Response>>();

  open(name: string) {
    const box = this.boxes.get(name) ?? new Map<string, Response>();
    this.boxes.set(name, box);
    return Promise.resolve({
      match: async (key: string) => box.get(key)?.clone(),
      // What is put again comes last (https://w3c.github.io/ServiceWorker/#batch-cache-operations-algorithm).
      put: async (key: string, response: Response) => void (box.delete(key), box.set(key, response)),
      delete: async (key: string) => box.delete(key),
      keys: async () => [...box.keys()],
    });
  }

  delete(name: string) {
    return Promise.resolve(this.boxes.delete(name));
  }

  get kept(): string[] {
    return [...(this.boxes.get('cirrus-kept')?.keys() ?? [])];
  }
}

const CHAT = '/api/v1/chats/1';
const unreachable = () => Promise.reject(new ApiError(0, 'no network'));
let storage: Storage;
let client: QueryClient;
let may = true;

const chat = (address: string) => ({ queryKey: [address], meta: { shelf: address } });

/** Shows an answer as a screen does, and waits until the shelf has it. */
async function show(address: string, data: unknown): Promise<void> {
  client.getQueryCache().build(client, chat(address));
  client.setQueryData([address], data);
  await vi.advanceTimersByTimeAsync(1_100);
}

beforeEach(() => {
  vi.useFakeTimers();
  storage = new Storage();
  vi.stubGlobal('caches', storage);
  may = true;
  client = new QueryClient();
  fillShelf(client, () => may);
});

afterEach(() => {
  client.clear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('reads what was shown last where the server cannot be reached', async () => {
  await show(CHAT, { title: 'First' });
  await show(CHAT, { title: 'Second' });
  expect(await orKept(CHAT, unreachable)).toEqual({ title: 'Second' });
});

it('takes what the server says where it can be reached', async () => {
  await show(CHAT, { title: 'Old' });
  expect(await orKept(CHAT, async () => ({ title: 'New' }))).toEqual({ title: 'New' });
});

it('fails as the request did where nothing is kept', async () => {
  await expect(orKept(CHAT, unreachable)).rejects.toThrow('no network');
});

it('forgets what the server refuses to show any more, and keeps it through an error of its own', async () => {
  await show(CHAT, { title: 'Mine' });
  await expect(orKept(CHAT, () => Promise.reject(new ApiError(502, 'broken')))).rejects.toThrow('broken');
  expect(storage.kept).toEqual([CHAT]);
  await expect(orKept(CHAT, () => Promise.reject(new ApiError(404, 'gone')))).rejects.toThrow('gone');
  await vi.advanceTimersByTimeAsync(1);
  expect(storage.kept).toEqual([]);
});

it('keeps nothing once the person has left, and only what names an address', async () => {
  await show(CHAT, { title: 'Mine' });
  await emptyShelf();
  may = false;
  await show(CHAT, { title: 'Late' });
  client.setQueryData(['models'], ['a']);
  await vi.advanceTimersByTimeAsync(1_100);
  expect(storage.kept).toEqual([]);
});

it('does not bring back what was deleted while it waited to be kept', async () => {
  client.getQueryCache().build(client, chat(CHAT));
  client.setQueryData([CHAT], { title: 'Gone' });
  client.removeQueries({ queryKey: [CHAT] });
  await unkeep(CHAT);
  await vi.advanceTimersByTimeAsync(1_100);
  expect(storage.kept).toEqual([]);
});

it('keeps the hundred that were seen last', async () => {
  for (let number = 0; number < 102; number++) await show(`/api/v1/chats/${number}`, { number });
  await show('/api/v1/chats/2', { number: 2 });
  expect(storage.kept).toHaveLength(100);
  expect(storage.kept.at(-1)).toBe('/api/v1/chats/2');
  expect(storage.kept).not.toContain('/api/v1/chats/1');
});

it('does without storage where the browser has none', async () => {
  vi.stubGlobal('caches', undefined);
  await expect(orKept(CHAT, unreachable)).rejects.toThrow('no network');
});
