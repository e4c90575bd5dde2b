import { describe, expect, it } from 'vitest';
import { isTemporary, newTemporaryId, promptFor } from './temporary.ts';
import type { Message } from './types.ts';

const message = (id: string, parentId: string | null, more: Partial<Message>): Message => ({
  id,
  parentId,
  childrenIds: [],
  role: 'user',
  content: '',
  timestamp: 0,
  ...more,
});

describe('temporary chats', () => {
  it('are known by their ids', () => {
    expect(isTemporary(newTemporaryId())).toBe(true);
    expect(isTemporary('0d9e')).toBe(false);
  });

  it('send the branch above the answer, with pictures as parts', () => {
    const files = [{ type: 'image', url: '/api/v1/files/f/content' }];
    const messages = {
      a: message('a', null, { content: 'Look', files }),
      b: message('b', 'a', { role: 'assistant', content: 'Nice.' }),
      other: message('other', 'a', { role: 'assistant', content: 'Bad.' }),
      c: message('c', 'b', { content: 'Why?' }),
      d: message('d', 'c', { role: 'assistant' }),
    };
    const picture = { type: 'image_url', image_url: { url: '/api/v1/files/f/content' } };
    const prompt = [
      { role: 'user', content: [{ type: 'text', text: 'Look' }, picture] },
      { role: 'assistant', content: 'Nice.' },
      { role: 'user', content: 'Why?' },
    ];
    expect(promptFor({ messages, currentId: 'd' }, messages.d)).toEqual(prompt);
    const half = { ...messages.d, content: 'Because' };
    expect(promptFor({ messages, currentId: 'd' }, half)).toEqual([
      ...prompt,
      { role: 'assistant', content: 'Because' },
    ]);
  });
});
