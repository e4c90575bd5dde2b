import { SvelteMap } from 'svelte/reactivity';
import type { ChatEvent } from '#lib/realtime/events.ts';
import { realtime } from '#lib/realtime/realtime.svelte.ts';
import { Answer } from './answer.svelte.ts';
import { readMessage } from './api.ts';
import { cachedHistory, changeTitle, patchMessage, refreshChat, refreshOpenChats } from './cache.ts';
import { refreshChats, touchChat } from './list/queries.svelte.ts';
import { isActive, runOf } from './runs.ts';
import type { Message } from './types.ts';

/** The cache tells its readers a moment later; until then the ended answer stays in view. */
const HANDOVER_MS = 200;

/** All answers being written in chats this tab knows, by message. Each ends in the cache of its chat. */
export class Answers {
  #running = new SvelteMap<string, Answer>();
  #listening = false;
  #connectedBefore = false;

  /** Begins to listen to the socket; from then on answers grow whatever page is shown. */
  listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#connectedBefore = realtime.status === 'connected';
    realtime.onEvent((event) => this.handle(event));
    realtime.onResume(() => this.#resume());
  }

  /** The answer being written to a message, if there is one. */
  of(messageId: string): Answer | undefined {
    return this.#running.get(messageId);
  }

  /** Begins to follow the answer to a message, from the text the message has now. */
  follow(chatId: string, message: Message): Answer {
    const known = this.#running.get(message.id);
    if (known?.running) return known;
    const answer = new Answer(message, {
      read: () => readMessage(chatId, message.id),
      ended: (outcome) => {
        patchMessage(chatId, message.id, { ...outcome, done: true, run: runOf(message.id, answer.attempt, 'done') });
        touchChat(chatId);
        setTimeout(() => this.#running.get(message.id) === answer && this.#running.delete(message.id), HANDOVER_MS);
      },
    });
    this.#running.set(message.id, answer);
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
    if (event.kind === 'title') {
      changeTitle(event.chatId, event.title);
      return;
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
