import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Queue } from './queue.svelte.ts';

const question = (text: string) => ({ text, files: [] });
const texts = (queue: Queue) => queue.list.map((each) => each.text);

describe('Queue', () => {
  beforeEach(() => {
    const stored = new Map<string, string>();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
      removeItem: (key: string) => void stored.delete(key),
    });
  });

  it('gives questions out in the order they came, or by name', () => {
    const queue = new Queue();
    queue.open('c');
    for (const text of ['one', 'two', 'three']) queue.add(question(text));
    expect(queue.take(queue.list[1]!.id)?.text).toBe('two');
    expect(queue.take()?.text).toBe('one');
    expect(texts(queue)).toEqual(['three']);
  });

  it('goes along from a chat about to begin to the same chat once it is made, and to no other', () => {
    const queue = new Queue();
    queue.open(null);
    queue.add(question('one'));
    queue.open('c', true);
    expect(texts(queue)).toEqual(['one']);
    queue.open(null);
    queue.add(question('two'));
    queue.open('other');
    expect(texts(queue)).toEqual([]);
  });

  it('survives a reload, apart for each chat', () => {
    const queue = new Queue();
    queue.open('c');
    queue.add(question('one'));
    queue.open('other');
    expect(texts(queue)).toEqual([]);
    const later = new Queue();
    later.open('c');
    expect(texts(later)).toEqual(['one']);
    later.take();
    expect(localStorage.getItem('cirrus.kept.queue.c')).toBeNull();
  });
});
