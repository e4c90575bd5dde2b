import { goto } from '$app/navigation';
import { resolve } from '$app/paths';
import { page } from '$app/state';
import { m } from '#lib/paraglide/messages.js';
import { notifyError } from '#lib/ui/toast.ts';
import * as actions from './actions.ts';
import type { ModelChoice, Question } from './actions.ts';
import { answers } from './answers.svelte.ts';
import { put } from './tree.ts';
import type { History, Message } from './types.ts';

const EMPTY: History = { messages: {}, currentId: null };

/** What one chat screen does: each action shows its result at once and says so when it could not be kept. */
export class Conversation {
  /** The message whose text is being edited. */
  editing = $state<string | null>(null);
  /** A first question that the server has not made a chat of yet. */
  begun = $state.raw<History | null>(null);
  #chatId: () => string | null;
  #model: () => ModelChoice | undefined;

  constructor(chatId: () => string | null, model: () => ModelChoice | undefined) {
    this.#chatId = chatId;
    this.#model = model;
  }

  /** Sends a question below `parentId`; returns whether it was taken. */
  async send(text: string, files: Question['files'], parentId: string | null): Promise<boolean> {
    const model = this.#model();
    if (!model) return false;
    const chatId = this.#chatId();
    try {
      if (chatId === null) await this.#sendFirst({ text, files, model });
      else await actions.ask(chatId, parentId, { text, files, model });
      return true;
    } catch (error) {
      notifyError(m.chat_send_failed(), error);
      return false;
    }
  }

  async #sendFirst(question: Question): Promise<void> {
    const [asked, answer] = actions.exchange(null, question);
    const history = put(EMPTY, [asked, answer], answer.id);
    this.begun = history;
    try {
      const chat = await actions.askFirst(history, answer);
      // The person may have gone elsewhere while the chat was made.
      if (this.begun === history && page.url.pathname === resolve('')) await goto(resolve(`c/${chat.id}`));
    } finally {
      if (this.begun === history) this.begun = null;
    }
  }

  /** Asks again with another text, as an alternative to the message. */
  async resend(message: Message, text: string): Promise<boolean> {
    this.editing = null;
    return this.send(text, message.files ?? [], message.parentId);
  }

  regenerate(message: Message): void {
    const model = this.#model();
    if (model) this.#do((chatId) => actions.regenerate(chatId, message, model), m.chat_send_failed());
  }

  /** After an error: starts again where nothing was written, otherwise beside what was. */
  retry(message: Message): void {
    if (message.content) this.regenerate(message);
    else this.continue(message);
  }

  continue(message: Message): void {
    this.#do((chatId) => actions.continueAnswer(chatId, message), m.chat_send_failed());
  }

  save(message: Message, text: string): void {
    this.editing = null;
    this.#do((chatId) => actions.edit(chatId, message, text), m.chat_save_failed());
  }

  show(id: string): void {
    const chatId = this.#chatId();
    if (chatId !== null) actions.show(chatId, id);
  }

  stop(messageId: string): void {
    if (answers.of(messageId)) this.#do(() => actions.stop(messageId), m.chat_stop_failed());
  }

  #do(action: (chatId: string) => Promise<void>, failure: string): void {
    const chatId = this.#chatId();
    if (chatId === null) return;
    action(chatId).catch((error: unknown) => notifyError(failure, error, () => this.#do(action, failure)));
  }
}
