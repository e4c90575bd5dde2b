import { api, call } from '#lib/api/client.ts';
import { normalise } from './normalise.ts';
import type { Chat, ComposedMessage, History, Message, MessageFile } from './types.ts';

/** These requests carry chats as free-form JSON: what is in it is typed in `types.ts`, not by the OpenAPI document. */
type Send = (
  method: 'get' | 'post',
  path: string,
  init: { body?: unknown; bodySerializer?: (body: unknown) => BodyInit; signal?: AbortSignal },
) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

const send = api.request as unknown as Send;
const get = <Data>(path: string, signal?: AbortSignal) =>
  call(send('get', path, signal ? { signal } : {})) as Promise<Data>;
const post = <Data>(path: string, body?: unknown) => call(send('post', path, { body })) as Promise<Data>;

const at = (chatId: string) => `/api/v1/chats/${encodeURIComponent(chatId)}`;

export async function readChat(chatId: string, signal?: AbortSignal): Promise<Chat> {
  return normalise(await get<Chat>(at(chatId), signal));
}

/** Makes a chat of its first messages. */
export async function createChat(history: History, models: string[]): Promise<Chat> {
  const chat = { title: 'New Chat', models, history, tags: [], timestamp: Date.now() };
  return normalise(await post<Chat>('/api/v1/chats/new', { chat }));
}

/** Saves single messages and which branch is shown; never the whole chat. */
export function saveMessages(chatId: string, messages: Message[], currentId: string | null): Promise<unknown> {
  return post(`${at(chatId)}/messages`, {
    messages: Object.fromEntries(messages.map((message) => [message.id, message])),
    ...(currentId === null ? {} : { current_id: currentId }),
  });
}

/** The message with what its running answer has written so far. */
export function readMessage(chatId: string, messageId: string): Promise<ComposedMessage> {
  return get(`${at(chatId)}/messages/${encodeURIComponent(messageId)}`);
}

export interface AnswerRequest {
  model: string;
  chatId: string;
  messageId: string;
  sessionId: string;
  attempt: number;
  /** Asks for a title: this is the first answer of the chat. */
  title: boolean;
}

/** Starts an answer; the server composes what the model reads from the branch that ends at the message. */
export function startAnswer({ model, chatId, messageId, sessionId, attempt, title }: AnswerRequest): Promise<unknown> {
  return post('/api/chat/completions', {
    model,
    chat_id: chatId,
    id: messageId,
    session_id: sessionId,
    attempt,
    stream: true,
    ...(title ? { background_tasks: { title_generation: true } } : {}),
  });
}

export function stopTask(taskId: string): Promise<unknown> {
  return post(`/api/tasks/stop/${encodeURIComponent(taskId)}`);
}

/** Uploads an image and returns it as a message refers to it. */
export async function uploadImage(file: File, signal: AbortSignal): Promise<MessageFile> {
  const form = new FormData();
  form.append('file', file, file.name);
  const sent = send('post', '/api/v1/files/?process=false', { body: form, bodySerializer: () => form, signal });
  const { id } = (await call(sent)) as { id: string };
  return { type: 'image', id, name: file.name, url: `/api/v1/files/${id}/content` };
}
