import { api, call } from '#lib/api/client.ts';
import type { Params } from '#lib/models/params.ts';
import { m } from '#lib/paraglide/messages.js';
import { beginning } from './names.ts';
import { normalise } from './normalise.ts';
import { isTemporary, type PromptMessage } from './temporary.ts';
import type { Chat, ComposedMessage, Features, History, Message, MessageFile } from './types.ts';

/** These requests carry chats as free-form JSON: what is in it is typed in `types.ts`, not by the OpenAPI document. */
type Send = (
  method: 'get' | 'post',
  path: string,
  init: { body?: unknown; bodySerializer?: (body: unknown) => BodyInit; signal?: AbortSignal; keepalive?: boolean },
) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

const send = api.request as unknown as Send;
const get = <Data>(path: string, signal?: AbortSignal) =>
  call(send('get', path, signal ? { signal } : {})) as Promise<Data>;
const post = <Data>(path: string, body?: unknown, keepalive = false) =>
  call(send('post', path, { body, keepalive })) as Promise<Data>;

/** Browsers take 64 KB in all of requests that outlive their page (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch). */
const KEEPALIVE_BYTES = 30_000;

/** Where the server has a chat. */
export const addressOf = (chatId: string) => `/api/v1/chats/${encodeURIComponent(chatId)}`;

export async function readChat(chatId: string, signal?: AbortSignal): Promise<Chat> {
  return normalise(await get<Chat>(addressOf(chatId), signal));
}

export interface ChatStart {
  history: History;
  models: string[];
  params: Params;
  folderId: string | null;
}

/** Makes a chat of its first messages; it is called by its question until the model has given it a title. */
export async function createChat({ history, models, params, folderId }: ChatStart): Promise<Chat> {
  const question = Object.values(history.messages).find(({ parentId }) => parentId === null);
  const title = beginning(question?.content ?? '') || m.chat_new();
  const chat = { title, models, params, history, tags: [], timestamp: Date.now() };
  return normalise(await post<Chat>('/api/v1/chats/new', { chat, folder_id: folderId }));
}

/** Saves fields of a chat beside its messages. */
export async function saveFields(chatId: string, fields: { models?: string[]; params?: Params }): Promise<void> {
  if (!isTemporary(chatId)) await post(addressOf(chatId), { chat: fields });
}

/** Saves single messages and which branch is shown; never the whole chat. A temporary chat is saved nowhere. */
export async function saveMessages(
  chatId: string,
  messages: Message[],
  currentId: string | null,
  removed: string[] = [],
): Promise<void> {
  if (isTemporary(chatId)) return;
  const body = {
    messages: Object.fromEntries(messages.map((message) => [message.id, message])),
    ...(currentId === null ? {} : { current_id: currentId }),
    ...(removed.length > 0 ? { remove: removed } : {}),
  };
  // What the screen shows as done is sent also while the page is being closed.
  const small = new TextEncoder().encode(JSON.stringify(body)).length < KEEPALIVE_BYTES;
  await post(`${addressOf(chatId)}/messages`, body, small);
}

/** The message with what its running answer has written so far. */
export function readMessage(chatId: string, messageId: string): Promise<ComposedMessage> {
  return get(`${addressOf(chatId)}/messages/${encodeURIComponent(messageId)}`);
}

/** What the server may do beside an answer; each can be switched off by an admin. */
export interface BackgroundTasks {
  title_generation?: boolean;
  tags_generation?: boolean;
  follow_up_generation?: boolean;
}

export interface AnswerRequest {
  model: string;
  chatId: string;
  messageId: string;
  sessionId: string;
  attempt: number;
  params: Params;
  tasks: BackgroundTasks;
  /** What the model reads; left out, the server composes it from the stored branch that ends at the message. */
  messages?: PromptMessage[] | undefined;
  /** What the answer draws on; left out, what the stored branch has. */
  files?: MessageFile[] | undefined;
  features: Features;
}

/** Starts an answer, which comes over the socket; returns which attempt it is: the server counts those of copies too. */
export async function startAnswer(request: AnswerRequest): Promise<number> {
  const { model, chatId, messageId, sessionId, attempt, params, tasks, messages, files, features } = request;
  const { task_id } = await post<{ task_id: string }>('/api/chat/completions', {
    model,
    chat_id: chatId,
    id: messageId,
    session_id: sessionId,
    attempt,
    stream: true,
    ...(Object.keys(params).length > 0 ? { params } : {}),
    ...(Object.keys(tasks).length > 0 ? { background_tasks: tasks } : {}),
    ...(messages ? { messages } : {}),
    ...(files?.length ? { files } : {}),
    ...(Object.keys(features).length > 0 ? { features } : {}),
  });
  return Number(task_id.slice(task_id.lastIndexOf('.') + 1));
}

/** Keeps what a person thinks of an answer, as a new feedback or in place of an earlier one; returns its id. */
export async function saveFeedback(id: string | undefined, form: Record<string, unknown>): Promise<string> {
  const path = '/api/v1/evaluations/feedback';
  return (await post<{ id: string }>(id ? `${path}/${encodeURIComponent(id)}` : path, form)).id;
}

/** What a person may mean to go on writing; empty where the server has nothing to offer. */
export async function completeText(model: string, prompt: string, signal: AbortSignal): Promise<string> {
  const body = { model, prompt, type: 'general', stream: false };
  const answer = (await call(send('post', '/api/v1/tasks/auto/completions', { body, signal }))) as {
    choices?: { message?: { content?: string } }[];
  };
  const said = answer.choices?.[0]?.message?.content ?? '';
  const json = said.slice(said.indexOf('{'), said.lastIndexOf('}') + 1);
  const text = json ? (JSON.parse(json) as { text?: unknown }).text : '';
  return typeof text === 'string' ? text : '';
}

/** The library of prompts; commands may or may not begin with a slash. */
export function readPrompts(): Promise<{ command: string; title: string; content: string }[]> {
  return get('/api/v1/prompts/');
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
