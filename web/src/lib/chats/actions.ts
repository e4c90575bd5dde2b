import { settingsQuery } from '#lib/accounts/queries.ts';
import { errorText } from '#lib/api/errors.ts';
import { queryClient } from '#lib/api/queries.ts';
import { newId } from '#lib/id.ts';
import type { Params } from '#lib/models/params.ts';
import { realtime } from '#lib/realtime/realtime.svelte.ts';
import { answers } from './answers.svelte.ts';
import { createChat, saveMessages, startAnswer, stopTask, type BackgroundTasks } from './api.ts';
import { cachedHistory, cachedParams, changeHistory, keepChat, patchMessage, pauseReading } from './cache.ts';
import { refreshLists } from './list/lists.ts';
import { putOnTop, touchChat } from './list/queries.svelte.ts';
import { attemptOf } from './runs.ts';
import { filesFor, isTemporary, newTemporaryId, promptFor } from './temporary.ts';
import { put, remove, select } from './tree.ts';
import type { Chat, Features, History, Message, MessageFile } from './types.ts';

export interface ModelChoice {
  id: string;
  name: string;
}

/** A question as a person writes it; without models it goes to those of its chat. */
export interface Written {
  text: string;
  files: MessageFile[];
  features?: Features;
  models?: ModelChoice[];
}

/** A question with who is to answer: one model or several, which then answer side by side. */
export type Question = Written & { models: ModelChoice[] };

/** What a chat begins with besides its first question. */
export interface Beginning {
  params: Params;
  folderId: string | null;
  temporary: boolean;
}

const FIRST: BackgroundTasks = { title_generation: true, tags_generation: true, follow_up_generation: true };
const LATER: BackgroundTasks = { follow_up_generation: true };

const seconds = () => Math.floor(Date.now() / 1000);

/** A question and the empty answers below it, one of each model. */
export function exchange(
  parentId: string | null,
  { text, files, features, models }: Question,
): [Message, ...Message[]] {
  const question: Message = {
    id: newId(),
    parentId,
    childrenIds: [],
    role: 'user',
    content: text,
    timestamp: seconds(),
    models: models.map((model) => model.id),
    ...(files.length > 0 ? { files } : {}),
    ...(features ? { features } : {}),
  };
  const place = (index: number) => (models.length > 1 ? { modelIdx: index } : {});
  const empty = models.map((model, index) => emptyAnswer(question.id, model, place(index)));
  return [{ ...question, childrenIds: empty.map((answer) => answer.id) }, ...empty];
}

/** An answer of a model about to be written below a question. */
export function emptyAnswer(parentId: string, model: ModelChoice, more: Partial<Message> = {}): Message {
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
    ...more,
  };
}

/** Makes a chat of its first exchange and starts the answers; returns the chat once it is in the cache. */
export async function askFirst(history: History, beginning: Beginning): Promise<Chat> {
  const written = Object.values(history.messages).filter((message) => message.role === 'assistant');
  const models = written.map((answer) => answer.model ?? '');
  const { params, folderId } = beginning;
  const stored = beginning.temporary
    ? {
        id: newTemporaryId(),
        title: '',
        chat: { models, params, history },
        updated_at: seconds(),
        created_at: seconds(),
      }
    : await createChat({ history, models, params, folderId });
  const chat: Chat = { ...stored, chat: { ...stored.chat, history } };
  keepChat(chat);
  if (folderId !== null) void refreshLists();
  else if (!beginning.temporary) putOnTop({ id: chat.id, title: chat.title, updated_at: chat.updated_at });
  written.forEach((answer, index) => void start(chat.id, answer, 1, index === 0 ? FIRST : {}));
  return chat;
}

/** Asks below a message (`null`: a new beginning) and starts the answers. Rolls back and throws when it was not saved. */
export function ask(chatId: string, parentId: string | null, question: Question): Promise<void> {
  return begin(chatId, exchange(parentId, question));
}

/** Answers the question above once more, as an alternative. */
export function regenerate(chatId: string, answer: Message, model: ModelChoice): Promise<void> {
  if (answer.parentId === null) return Promise.resolve();
  const place = typeof answer.modelIdx === 'number' ? { modelIdx: answer.modelIdx } : {};
  return begin(chatId, [emptyAnswer(answer.parentId, model, place)]);
}

/** Writes on where the answer ended. */
export async function continueAnswer(chatId: string, message: Message): Promise<void> {
  const attempt = attemptOf(message) + 1;
  const going: Message = { ...message, done: false, error: null };
  patchMessage(chatId, message.id, going);
  await start(chatId, going, attempt, {});
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
  if (answer.abort) return answer.abort();
  try {
    await stopTask(`${messageId}.${answer.attempt}`);
    // Its end is told by an event, which a connection that is only being made would miss.
    void answer.resync();
  } catch (error) {
    answer.stopping = false;
    throw error;
  }
}

async function begin(chatId: string, added: Message[]): Promise<void> {
  const written = added.filter((message) => message.role === 'assistant');
  const current = written[0]!.id;
  await pauseReading(chatId);
  const before = cachedHistory(chatId)?.currentId ?? null;
  changeHistory(chatId, (history) => put(history, added, current));
  for (const answer of written) answers.follow(chatId, answer).starting = true;
  try {
    await saveMessages(chatId, added, current);
  } catch (error) {
    for (const answer of written) answers.drop(answer.id);
    const ids = added.map((message) => message.id);
    changeHistory(chatId, (history) => ({ ...remove(history, ids), currentId: before }));
    throw error;
  }
  touchChat(chatId);
  await Promise.all(written.map((answer, index) => start(chatId, answer, 1, index === 0 ? LATER : {})));
}

/** What an answer is to do beside answering: what its question asks for, and what the person always wants. */
function featuresOf(question: Message | undefined): Features {
  const remembers = queryClient.getQueryData(settingsQuery.queryKey)?.ui?.memory === true;
  return { ...question?.features, ...(remembers ? { memory: true } : {}) };
}

async function start(chatId: string, message: Message, attempt: number, tasks: BackgroundTasks): Promise<void> {
  const model = message.model ?? '';
  const following = answers.follow(chatId, message);
  following.attempt = attempt;
  following.starting = true;
  realtime.reportUsage(model);
  const known = cachedHistory(chatId);
  const history = isTemporary(chatId) ? known : undefined;
  try {
    following.attempt = await startAnswer({
      model,
      chatId,
      messageId: message.id,
      sessionId: realtime.id,
      attempt,
      params: history ? cachedParams(chatId) : {},
      tasks: history ? {} : tasks,
      messages: history && promptFor(history, message),
      files: history && filesFor(history, message),
      features: featuresOf(known?.messages[message.parentId ?? '']),
    });
    following.starting = false;
  } catch (error) {
    following.fail(errorText(error));
    const failed = cachedHistory(chatId)?.messages[message.id];
    // The answer is lost either way; its error is kept for a later look where that is possible.
    if (failed) await saveMessages(chatId, [failed], null).catch(() => undefined);
  }
}
