import { beforeEach, expect, it, vi } from 'vitest';
import { Gate, type Readiness } from './gate.svelte.ts';

const retry = vi.fn(() => Promise.resolve());
let chatId: string | null;
let readiness: Readiness;
let gate: Gate;

/** What decides has changed. */
function become(now: Readiness): void {
  readiness = now;
  gate.check(now);
}

beforeEach(() => {
  retry.mockClear();
  chatId = null;
  readiness = 'unknown';
  gate = new Gate({ chatId: () => chatId, readiness: () => readiness, retry });
});

it('lets a question pass at once where it is known whom to ask', async () => {
  become('ready');
  const opened = gate.opens();
  expect(gate.holding).toBe(false);
  expect(await opened).toBe(true);
});

it('holds a question until it is known', async () => {
  const opened = gate.opens();
  expect(gate.holding).toBe(true);
  become('unknown');
  expect(gate.holding).toBe(true);
  become('ready');
  expect(await opened).toBe(true);
  expect(gate.holding).toBe(false);
  expect(retry).not.toHaveBeenCalled();
});

it('gives a question back that nobody can be asked', async () => {
  const opened = gate.opens();
  become('closed');
  expect(await opened).toBe(false);
  expect(gate.holding).toBe(false);
});

it('asks again for what could not be loaded', async () => {
  readiness = 'closed';
  expect(await gate.opens()).toBe(false);
  retry.mockImplementationOnce(() => Promise.resolve(become('ready')));
  expect(await gate.opens()).toBe(true);
  expect(retry).toHaveBeenCalledTimes(2);
});

it('sends nothing into another chat', async () => {
  const first = gate.opens();
  chatId = 'another';
  expect(gate.holding).toBe(false);
  const second = gate.opens();
  expect(gate.holding).toBe(true);
  expect(await first).toBe(false);
  expect(gate.holding).toBe(true);
  become('ready');
  expect(await second).toBe(true);
});
