import type { Chat, History, Message } from './types.ts';

/** Text of a message, whatever shape another client gave it (a list of parts, or none). */
function contentOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { text?: unknown }) => (typeof part?.text === 'string' ? part.text : '')).join('');
}

function message(id: string, raw: Partial<Message>): Message {
  return {
    ...raw,
    id,
    role: raw.role ?? 'user',
    parentId: raw.parentId ?? null,
    childrenIds: Array.isArray(raw.childrenIds) ? raw.childrenIds : [],
    content: contentOf(raw.content),
    timestamp: typeof raw.timestamp === 'number' ? raw.timestamp : 0,
  };
}

/** Chats come from several clients and years: gives every message the fields the app relies on. */
export function normalise(chat: Chat): Chat {
  const raw: Partial<History> = chat.chat?.history ?? {};
  const messages: Record<string, Message> = {};
  for (const [id, each] of Object.entries(raw.messages ?? {})) messages[id] = message(id, each);
  const currentId = raw.currentId && raw.currentId in messages ? raw.currentId : (Object.keys(messages).at(-1) ?? null);
  return { ...chat, title: chat.title ?? '', chat: { ...chat.chat, history: { messages, currentId } } };
}
