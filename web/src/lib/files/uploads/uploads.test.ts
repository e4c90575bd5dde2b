import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiError } from '#lib/api/errors.ts';
import type { Sending } from '#lib/api/send.ts';
import { begin, cancel, resume, uploads } from './uploads.svelte.ts';

const send = vi.hoisted(() => vi.fn());
vi.mock('#lib/api/send.ts', () => ({ send }));

/** A server that answers each file as often as it is told to with a problem, and then as it should. */
const server = { problems: new Map<string, number[]>(), now: 0, most: 0, tries: new Map<string, number>() };

async function answer({ body, onprogress }: Sending) {
  const { name, size } = (body as FormData).get('file') as File;
  server.most = Math.max(server.most, ++server.now);
  server.tries.set(name, (server.tries.get(name) ?? 0) + 1);
  onprogress(size / 2);
  await new Promise((turn) => setTimeout(turn, 5));
  server.now--;
  const status = server.problems.get(name)?.shift() ?? 200;
  if (status === 0) throw new ApiError(0, 'No network');
  return { status, responseText: status === 200 ? JSON.stringify({ id: `id of ${name}` }) : 'Bad Gateway' };
}

const files = (count: number) =>
  Array.from({ length: count }, (_, number) => new File(['text'], `${number}.txt`, { type: 'text/plain' }));
const start = (some: File[], arrived: (id: string, path: string) => Promise<unknown> = () => Promise.resolve()) =>
  begin(some.map((file) => ({ file, path: `docs/${file.name}`, arrived })));
const of = (name: string) => uploads().find(({ path }) => path === `docs/${name}`)!;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('addEventListener', vi.fn());
  vi.stubGlobal('removeEventListener', vi.fn());
  server.problems.clear();
  server.tries.clear();
  server.most = 0;
  send.mockImplementation(answer);
});
afterEach(() => {
  for (const { id } of uploads()) cancel(id);
  vi.useRealTimers();
});

it('takes three hundred files to the server, three at once, each once and told how far it is', async () => {
  const arrived = vi.fn(() => Promise.resolve());
  start(files(300), arrived);
  expect(uploads().filter(({ state }) => state === 'sending')).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(7);
  expect(of('3.txt')).toMatchObject({ state: 'sending', sent: 2, size: 4 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(uploads().every(({ state }) => state === 'done')).toBe(true);
  expect(server.most).toBe(3);
  expect([...server.tries.values()].every((tries) => tries === 1)).toBe(true);
  expect(arrived).toHaveBeenCalledTimes(300);
  expect(arrived).toHaveBeenCalledWith('id of 7.txt', 'docs/7.txt');
});

it('tries again what the server had a problem with, or the network, and ends with all of them there', async () => {
  server.problems.set('5.txt', [502]).set('6.txt', [0, 503]).set('7.txt', [429, 429, 500, 504]);
  start(files(20));
  await vi.advanceTimersByTimeAsync(30_000);
  expect(uploads().map(({ state }) => state)).toEqual(new Array(20).fill('done'));
  expect(server.tries.get('7.txt')).toBe(5);
});

it('says which one failed after five tries, while the others go on, and takes it up when asked', async () => {
  server.problems.set('1.txt', new Array<number>(5).fill(502)).set('2.txt', [400]);
  start(files(6));
  await vi.advanceTimersByTimeAsync(30_000);
  expect(of('1.txt')).toMatchObject({ state: 'failed' });
  expect(of('1.txt').error).not.toBe('');
  expect(server.tries.get('2.txt')).toBe(1);
  expect(uploads().filter(({ state }) => state === 'done')).toHaveLength(4);
  for (const name of ['1.txt', '2.txt']) resume(of(name).id);
  await vi.advanceTimersByTimeAsync(100);
  expect(uploads().every(({ state }) => state === 'done')).toBe(true);
});

it('tries again what follows on the server, without sending the file once more', async () => {
  const arrived = vi.fn(() => Promise.resolve());
  arrived.mockRejectedValueOnce(new ApiError(502, 'Bad Gateway'));
  start(files(1), arrived);
  await vi.advanceTimersByTimeAsync(5000);
  expect(of('0.txt').state).toBe('done');
  expect(arrived).toHaveBeenCalledTimes(2);

  arrived.mockRejectedValueOnce(new ApiError(404, 'The knowledge base is gone.'));
  start([new File(['x'], 'late.txt')], arrived);
  await vi.advanceTimersByTimeAsync(5000);
  expect(of('late.txt')).toMatchObject({ state: 'failed', error: 'The knowledge base is gone.' });
  expect(server.tries.get('late.txt')).toBe(1);
});
