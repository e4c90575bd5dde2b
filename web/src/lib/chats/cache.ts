import { queryOptions } from '@tanstack/svelte-query';
import { queryClient } from '#lib/api/queries.ts';
import { emptyShelf, orKept, unkeep } from '#lib/api/shelf.ts';
import type { Params } from '#lib/models/params.ts';
import { addressOf, readChat } from './api.ts';
import { removing } from './removal.ts';
import { isTemporary } from './temporary.ts';
import { childrenOf, leafOf, patch, remove } from './tree.ts';
import type { Chat, History, Message } from './types.ts';

const key = (chatId: string) => ['chat', chatId] as const;

/** A chat with all its messages. Read again after a lost connection; in between events keep it fresh. */
export const chatQuery = (chatId: string) =>
  queryOptions({
    queryKey: key(chatId),
    queryFn: async ({ signal }) => {
      const chat = await orKept(addressOf(chatId), () => readChat(chatId, signal));
      return stay(without(chat), cachedHistory(chatId));
    },
    staleTime: 60_000,
    meta: isTemporary(chatId) ? {} : { shelf: addressOf(chatId) },
    // Messages are compared by identity; comparing thousands of them in depth would only cost time.
    structuralSharing: false,
  });

/** The chat less what the person has just deleted and could still bring back. */
function without(chat: Chat): Chat {
  const gone = removing.get(chat.id);
  return gone ? { ...chat, chat: { ...chat.chat, history: remove(chat.chat.history, gone) } } : chat;
}

/** Keeps the branch that the person is looking at, grown by what was added to it elsewhere. */
function stay(chat: Chat, before: History | undefined): Chat {
  const history = chat.chat.history;
  if (!before?.currentId || !(before.currentId in history.messages)) return chat;
  const currentId = leafOf(childrenOf(history), before.currentId);
  return { ...chat, chat: { ...chat.chat, history: { ...history, currentId } } };
}

/** The messages of a chat as this tab last saw them. */
export function cachedHistory(chatId: string): History | undefined {
  return queryClient.getQueryData<Chat>(key(chatId))?.chat.history;
}

/** The parameters of a cached chat. */
export function cachedParams(chatId: string): Params {
  return queryClient.getQueryData<Chat>(key(chatId))?.chat.params ?? {};
}

/** Changes fields of a cached chat beside its messages. */
export function changeFields(chatId: string, fields: { models?: string[]; params?: Params }): void {
  queryClient.setQueryData<Chat>(key(chatId), (chat) => chat && { ...chat, chat: { ...chat.chat, ...fields } });
}

/** Takes a chat out of the cache and off this device: a temporary one that was left, or one that was deleted. */
export function forgetChat(chatId: string): void {
  queryClient.removeQueries({ queryKey: key(chatId) });
  void unkeep(addressOf(chatId));
}

/** Takes every chat out of the cache and off this device. */
export function forgetChats(): void {
  queryClient.removeQueries({ queryKey: ['chat'] });
  void emptyShelf();
}

/** Puts a chat into the cache that was just made. */
export function keepChat(chat: Chat): void {
  queryClient.setQueryData<Chat>(key(chat.id), chat);
}

/** Changes the messages of a cached chat; a chat that is not cached stays so. */
export function changeHistory(chatId: string, change: (history: History) => History): void {
  queryClient.setQueryData<Chat>(key(chatId), (chat) =>
    chat ? { ...chat, chat: { ...chat.chat, history: change(chat.chat.history) } } : chat,
  );
}

export function patchMessage(chatId: string, id: string, change: Partial<Message>): void {
  changeHistory(chatId, (history) => patch(history, id, change));
}

export function changeTitle(chatId: string, title: string): void {
  queryClient.setQueryData<Chat>(key(chatId), (chat) => (chat ? { ...chat, title } : chat));
}

/** Reads a chat again, now if it is on screen. */
export function refreshChat(chatId: string): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: key(chatId) });
}

/** Reads again what is on screen of chats; the others when they are opened. */
export function refreshOpenChats(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ['chat'] });
}

/** Reads the tags of chats again where they are shown. */
export function refreshTags(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ['tags'] });
}

/** Keeps a reading that is under way from overwriting what is about to change. */
export function pauseReading(chatId: string): Promise<void> {
  return queryClient.cancelQueries({ queryKey: key(chatId) });
}
