import { api, call, found, type Schemas } from '#lib/api/client.ts';
import { forEach } from '#lib/api/each.ts';
import { m } from '#lib/paraglide/messages.js';
import { saveFile } from '#lib/ui/save.ts';
import type { ChatHead } from '../list/grouping.ts';
import { normalise } from '../normalise.ts';
import type { Chat } from '../types.ts';
import { branch, fileName, toMarkdown, toText } from './text.ts';

export type Format = 'json' | 'markdown' | 'text' | 'pdf';

/** A chat as it is stored, whatever client it is from. */
const read = (id: string) => found(api.GET('/api/v1/chats/{id}', { params: { path: { id } } }));

const json = (data: unknown) => new Blob([JSON.stringify(data)], { type: 'application/json' });

/** Saves a chat as a file: everything as JSON, or the shown branch to be read. The PDF is made by the server. */
export async function exportChat(head: ChatHead, format: Format): Promise<void> {
  const chat = await read(head.id);
  const title = chat.title || m.chats_untitled();
  if (format === 'json') return saveFile(json([chat]), fileName(title, 'json'));
  const messages = branch(normalise(chat as unknown as Chat).chat.history);
  const names = { user: m.chat_you(), assistant: m.chat_assistant(), sources: m.citations() };
  if (format === 'markdown')
    return saveFile(new Blob([toMarkdown(title, messages, names)], { type: 'text/markdown' }), fileName(title, 'md'));
  if (format === 'text')
    return saveFile(new Blob([toText(title, messages, names)], { type: 'text/plain' }), fileName(title, 'txt'));
  const body = { title, messages: messages.map((message) => ({ ...message })) };
  saveFile((await call(api.POST('/api/v1/utils/pdf', { body, parseAs: 'blob' }))) as Blob, fileName(title, 'pdf'));
}

/** Saves several chats as one JSON file that can be imported again. */
export async function exportMany(ids: readonly string[], onprogress: (done: number) => void): Promise<void> {
  const chats = new Map<string, Schemas['ChatResponse']>();
  await forEach(ids, async (id) => chats.set(id, await read(id)), onprogress);
  saveFile(json(ids.flatMap((id) => chats.get(id) ?? [])), fileName(`chats ${ids.length}`, 'json'));
}
