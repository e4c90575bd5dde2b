import { beforeEach, expect, it, vi } from 'vitest';
import { keepAgain } from '#lib/api/kept.ts';
import type { MessageFile } from '../types.ts';
import { Attachments } from './attachments.svelte.ts';
import { keepAttached, readAttached } from './drafts.ts';

const bringing = vi.hoisted(() => ({
  bringFile: vi.fn(),
  bringPage: vi.fn(),
  bringPicture: vi.fn(),
  readAgain: vi.fn(),
  look: vi.fn(),
  follow: vi.fn(() => () => undefined),
}));
vi.mock('./bringing.ts', () => bringing);
const notify = vi.hoisted(() => vi.fn());
vi.mock('#lib/ui/toast.ts', () => ({ notify }));

const everything = { files: true, pictures: true, web: true, mostFiles: null, largestFile: null };
const knowledge: MessageFile = { type: 'collection', id: 'k', name: 'Handbook' };
const chat: MessageFile = { type: 'chat', id: 'c', name: 'A chat' };
const told = (id: string, status: string) => ({ id, status, progress: 0, reason: null, knowledge: [] });

/** What is attached in a chat, as after opening its page. */
function opened(chatId: string | null): Attachments {
  const attachments = new Attachments((items) => keepAttached(chatId, items));
  attachments.restore(readAttached(chatId));
  return attachments;
}
const shown = ({ list }: Attachments) => list.map(({ name, state }) => [name, state]);

beforeEach(() => {
  const stored = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  });
  vi.clearAllMocks();
  keepAgain();
});

it('has after a reload what was attached before, in its order and for its chat alone', () => {
  const before = opened('one');
  before.add(knowledge);
  before.add(chat);
  before.add({ type: 'image', id: 'i', name: 'a.png', url: '/api/v1/files/i/content' });
  before.setWhole(before.list[0]!.id, true);
  const after = opened('one');
  expect(after.items).toEqual(before.items);
  expect(after.items[0]).toEqual({ ...knowledge, context: 'full' });
  expect(after.list[2]!.preview).toBe('/api/v1/files/i/content');
  expect(opened('two').list).toEqual([]);
  expect(opened(null).list).toEqual([]);
});

it('keeps a file from when the server has it, and asks then how far it is', async () => {
  let arrive: (item: MessageFile) => void = () => undefined;
  bringing.bringFile.mockReturnValue(new Promise((done) => (arrive = done)));
  bringing.look.mockResolvedValue(told('f', 'embedding'));
  const before = opened(null);
  before.addFiles([new File(['x'], 'a.txt')], everything);
  expect(opened(null).list).toEqual([]);
  await vi.waitFor(() => expect(bringing.bringFile).toHaveBeenCalled());
  arrive({ type: 'file', id: 'f', name: 'a.txt' });
  await vi.waitFor(() => expect(shown(before)).toEqual([['a.txt', 'reading']]));

  bringing.look.mockResolvedValue(told('f', 'indexed'));
  const after = opened(null);
  expect(shown(after)).toEqual([['a.txt', 'reading']]);
  await vi.waitFor(() => expect(shown(after)).toEqual([['a.txt', 'ready']]));
});

it('takes as many files as may go along, of the size they may have, and tells of the others', () => {
  const offers = { ...everything, mostFiles: 3, largestFile: 2 ** 20 };
  const file = (name: string, size = 1, type = 'text/plain') => new File([new Uint8Array(size)], name, { type });
  const attachments = opened(null);
  attachments.add(knowledge);
  attachments.addFiles([file('a.txt'), file('large.txt', 2 ** 20 + 1), file('b.txt')], offers);
  attachments.choose({ type: 'file', id: 'f', name: 'c.txt' }, offers);
  attachments.choose({ type: 'file', id: 'g', name: 'd.txt' }, offers);
  attachments.choose(chat, offers);
  expect(attachments.list.map(({ name }) => name)).toEqual(['Handbook', 'a.txt', 'b.txt', 'c.txt', 'A chat']);
  const told = notify.mock.calls.map(([text]) => String(text));
  expect(told).toEqual([expect.stringMatching(/1 MB.*large\.txt/), expect.stringMatching(/3.*d\.txt/)]);
});

it('says that a file was deleted in the meantime', async () => {
  bringing.look.mockResolvedValue({ ...told('f', 'failed'), reason: 'Gone' });
  keepAttached(null, [{ type: 'file', id: 'f', name: 'a.txt' }]);
  const after = opened(null);
  await vi.waitFor(() => expect(after.list[0]).toMatchObject({ state: 'failed', error: 'Gone' }));
});

it('reads a page once more that was not there yet, and takes one that was as it is', async () => {
  const page = { type: 'text', url: 'https://b.example/', name: 'B', collection_name: 'web-b' };
  bringing.bringPage.mockResolvedValue(page);
  keepAttached(null, [{ type: 'text', url: 'https://a.example/', name: 'https://a.example/' }, page]);
  const after = opened(null);
  expect(shown(after)).toEqual([
    ['https://a.example/', 'sending'],
    ['B', 'ready'],
  ]);
  await vi.waitFor(() => expect(bringing.bringPage).toHaveBeenCalledOnce());
});

it('forgets what was taken off or sent, and what is no list of things', () => {
  const before = opened(null);
  before.add(knowledge);
  before.add(chat);
  before.remove(before.list[0]!.id);
  expect(readAttached(null)).toEqual([chat]);
  before.clear();
  expect(localStorage.getItem('cirrus.kept.attached.new')).toBeNull();
  localStorage.setItem('cirrus.kept.attached.new', '[{"no":"type"}, 1, null]');
  expect(readAttached(null)).toEqual([]);
  localStorage.setItem('cirrus.kept.attached.new', 'broken');
  expect(readAttached(null)).toEqual([]);
});
