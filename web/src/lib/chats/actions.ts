import { errorText } from '#lib/api/errors.ts';
import { newId } from '#lib/id.ts';
import { realtime } from '#lib/realtime/realtime.svelte.ts';
import { answers } from './answers.svelte.ts';
import { createChat, saveMessages, startAnswer, stopTask } from './api.ts';
import { cachedHistory, changeHistory, keepChat, patchMessage, pauseReading } from './cache.ts';
import { putOnTop, touchChat } from './list/queries.svelte.ts';
import { attemptOf } from './runs.ts';
import { put, remove, select } from './tree.ts';
import type { Chat, History, Message, MessageFile } from './types.ts';

export interface ModelChoice {
  id: string;
  name: string;
}

export interface Question {
  text: string;
  files: MessageFile[];
  model: ModelChoice;
}

const seconds = () => Math.floor(Date.now() / 1000);

/** A question and the empty answer below it. */
export function exchange(parentId: string | null, { text, files, model }: Question): [Message, Message] {
  const question: Message = {
    id: newId(),
    parentId,
    childrenIds: [],
    role: 'user',
    content: text,
    timestamp: seconds(),
    models: [model.id],
    ...(files.length > 0 ? { files } : {}),
  };
  const answer = emptyAnswer(question.id, model);
  return [{ ...question, childrenIds: [answer.id] }, answer];
}

function emptyAnswer(parentId: string, model: ModelChoice): Message {
  return {
    id: newId(),
    parentId,
    childrenIds: [],
    role: 'assistant',
    content: '',
    timestamp: seconds(),
    model: model.id,
    modelName: model.name,
    done: false,
  };
}

/** Makes a chat of its first exchange and starts the answer; returns the chat once it is in the cache. */
export async function askFirst(history: History, answer: Message): Promise<Chat> {
  const chat = await createChat(history, answer.model ? [answer.model] : []);
  keepChat({ ...chat, chat: { ...chat.chat, history } });
  putOnTop({ id: chat.id, title: chat.title, updated_at: chat.updated_at, created_at: chat.created_at });
  void start(chat.id, answer, 1, true);
  return chat;
}

/** Asks below a message (`null`: a new beginning) and starts the answer. Rolls back and throws when it was not saved. */
export function ask(chatId: string, parentId: string | null, question: Question): Promise<void> {
  return begin(chatId, exchange(parentId, question));
}

/** Answers the question above once more, as an alternative. */
export function regenerate(chatId: string, answer: Message, model: ModelChoice): Promise<void> {
  if (answer.parentId === null) return Promise.resolve();
  return begin(chatId, [emptyAnswer(answer.parentId, model)]);
}

/** Writes on where the answer ended. */
export async function continueAnswer(chatId: string, message: Message): Promise<void> {
  const attempt = attemptOf(message) + 1;
  const going: Message = { ...message, done: false, error: null };
  patchMessage(chatId, message.id, going);
  await start(chatId, going, attempt, false);
}

/** Saves another text for a message, in place. */
export async function edit(chatId: string, message: Message, content: string): Promise<void> {
  const edited = { ...message, content };
  patchMessage(chatId, message.id, { content });
  try {
    await saveMessages(chatId, [edited], null);
  } catch (error) {
    patchMessage(chatId, message.id, { content: message.content });
    throw error;
  }
}

/** Shows the newest branch through a message, here and, when it can be saved, on other devices. */
export function show(chatId: string, id: string): void {
  changeHistory(chatId, (history) => select(history, id));
  const currentId = cachedHistory(chatId)?.currentId ?? null;
  // Which branch is shown is not worth an error message.
  void saveMessages(chatId, [], currentId).catch(() => undefined);
}

/** Stops an answer, also before its first word. */
export async function stop(messageId: string): Promise<void> {
  const answer = answers.of(messageId);
  if (!answer) return;
  answer.stopping = true;
  try {
    await stopTask(`${messageId}.${answer.attempt}`);
  } catch (error) {
    answer.stopping = false;
    throw error;
  }
}

async function begin(chatId: string, added: Message[]): Promise<void> {
  const answer = added.at(-1)!;
  const ids = added.map((message) => message.id);
  await pauseReading(chatId);
  const before = cachedHistory(chatId)?.currentId ?? null;
  changeHistory(chatId, (history) => put(history, added, answer.id));
  answers.follow(chatId, answer);
  try {
    await saveMessages(chatId, added, answer.id);
  } catch (error) {
    answers.drop(answer.id);
    changeHistory(chatId, (history) => ({ ...remove(history, ids), currentId: before }));
    throw error;
  }
  touchChat(chatId);
  await start(chatId, answer, 1, false);
}

async function start(chatId: string, message: Message, attempt: number, title: boolean): Promise<void> {
  const model = message.model ?? '';
  const following = answers.follow(chatId, message);
  following.attempt = attempt;
  realtime.reportUsage(model);
  try {
    await startAnswer({ model, chatId, messageId: message.id, sessionId: realtime.id, attempt, title });
  } catch (error) {
    following.fail(errorText(error));
    const failed = cachedHistory(chatId)?.messages[message.id];
    // The answer is lost either way; its error is kept for a later look where that is possible.
    if (failed) await saveMessages(chatId, [failed], null).catch(() => undefined);
  }
}
