import { SvelteMap } from 'svelte/reactivity';
import type { ChatEvent } from '#lib/realtime/events.ts';
import { realtime } from '#lib/realtime/realtime.svelte.ts';
import { Answer } from './answer.svelte.ts';
import { readMessage } from './api.ts';
import { cachedHistory, changeTitle, patchMessage, refreshChat, refreshOpenChats, refreshTags } from './cache.ts';
import { refreshChats, touchChat } from './list/queries.svelte.ts';
import { notifyEnd } from './notifications.ts';
import { isActive, runOf } from './runs.ts';
import { isTemporary } from './temporary.ts';
import type { Message } from './types.ts';

/** The cache tells its readers a moment later; until then the ended answer stays in view. */
const HANDOVER_MS = 200;

/** All answers being written in chats this tab knows, by message. Each ends in the cache of its chat. */
export class Answers {
  #running = new SvelteMap<string, Answer>();
  /* eslint-disable svelte/prefer-svelte-reactivity -- nothing of these is shown */
  #chats = new Map<string, string>();
  /** Answers that the server knows nothing of until they have ended. */
  #here = new Set<string>();
  #ended = new Set<(chatId: string, messageId: string, whole: boolean) => void>();
  /* eslint-enable svelte/prefer-svelte-reactivity */
  #listening = false;
  #connectedBefore = false;

  /** Begins to listen to the socket; from then on answers grow whatever page is shown. */
  listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#connectedBefore = realtime.status === 'connected';
    realtime.onEvent((event) => this.handle(event));
    realtime.onResume(() => this.#resume());
    this.onEnd(notifyEnd);
  }

  /** The answer being written to a message, if there is one. */
  of(messageId: string): Answer | undefined {
    return this.#running.get(messageId);
  }

  /** The messages of a chat whose answers are being written. */
  runningIn(chatId: string): string[] {
    return [...this.#running].flatMap(([id, answer]) => (answer.running && this.#chats.get(id) === chatId ? id : []));
  }

  /** Calls `listener` when an answer has ended; `whole`: neither stopped nor failed. Returns how to stop. */
  onEnd(listener: (chatId: string, messageId: string, whole: boolean) => void): () => void {
    this.#ended.add(listener);
    return () => this.#ended.delete(listener);
  }

  /** Begins to follow the answer to a message, from the text the message has now. */
  follow(chatId: string, message: Message): Answer {
    const known = this.#running.get(message.id);
    if (known?.running) return known;
    const answer = new Answer(message, {
      read: () => {
        const kept = !isTemporary(chatId) && !this.#here.has(message.id);
        return kept ? readMessage(chatId, message.id) : Promise.resolve(null);
      },
      ended: (outcome) => {
        patchMessage(chatId, message.id, { ...outcome, done: true, run: runOf(message.id, answer.attempt, 'done') });
        touchChat(chatId);
        for (const listener of this.#ended) listener(chatId, message.id, !outcome.error && !answer.stopping);
        setTimeout(() => this.#running.get(message.id) === answer && this.#running.delete(message.id), HANDOVER_MS);
      },
    });
    this.#chats.set(message.id, chatId);
    this.#running.set(message.id, answer);
    return answer;
  }

  /** Begins to show an answer that this tab itself reads and stores. */
  followHere(chatId: string, message: Message, abort: () => void): Answer {
    this.#here.add(message.id);
    const answer = this.follow(chatId, message);
    answer.abort = abort;
    return answer;
  }

  /** Stops following, for an answer that never began. */
  drop(messageId: string): void {
    this.#running.get(messageId)?.dispose();
    this.#running.delete(messageId);
  }

  /** Follows every answer that the server says is being written in a chat that was just read. */
  followAll(chatId: string, messages: Iterable<Message>): void {
    for (const message of messages) {
      if (message.done || !isActive(message) || this.#running.has(message.id)) continue;
      void this.follow(chatId, message).resync();
    }
  }

  handle(event: ChatEvent): void {
    if (event.kind === 'title') return changeTitle(event.chatId, event.title);
    if (event.kind === 'tags') return void refreshTags();
    if (event.kind === 'follow_ups') return patchMessage(event.chatId, event.messageId, { followUps: event.questions });
    if (event.kind === 'model') {
      return patchMessage(event.chatId, event.messageId, { selectedModelId: event.model });
    }
    const answer = this.#running.get(event.messageId) ?? this.#begunElsewhere(event);
    if (answer) answer.apply(event);
    else if (event.kind === 'done') void refreshChats().catch(() => undefined);
  }

  /** What was sent while the connection was down is read from the server. */
  #resume(): void {
    this.#running.forEach((answer) => void answer.resync());
    if (this.#connectedBefore) void refreshOpenChats();
    this.#connectedBefore = true;
  }

  /** Another tab or device began an answer in a chat that is in this tab's cache. */
  #begunElsewhere(event: ChatEvent): Answer | undefined {
    const history = cachedHistory(event.chatId);
    if (!history) return undefined;
    const message = history.messages[event.messageId];
    if (!message) {
      void refreshChat(event.chatId);
      return undefined;
    }
    const late = message.done && !(event.kind === 'text' && (event.offset ?? 0) >= message.content.length);
    return late ? undefined : this.follow(event.chatId, message);
  }
}

export const answers = new Answers();
