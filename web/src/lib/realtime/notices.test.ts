import { expect, it } from 'vitest';
import { readNotice } from './notices.ts';

it('reads what is about no message', () => {
  const data = { type: 'file:status', data: { id: 'a', progress: 40 } };
  expect(readNotice({ chat_id: null, message_id: null, data })).toEqual(data);
});

it('reads nothing of what is about one, or of no shape', () => {
  expect(readNotice({ message_id: 'm', data: { type: 'chat:title', data: 'Tea' } })).toBeNull();
  for (const frame of [null, 'x', {}, { data: null }, { data: { type: 3 } }]) expect(readNotice(frame)).toBeNull();
});
