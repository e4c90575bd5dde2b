import { goto } from '$app/navigation';
import { resolve } from '$app/paths';
import { page } from '$app/state';
import { m } from '#lib/paraglide/messages.js';
import { refocus } from '#lib/ui/focus.ts';
import { notifyError } from '#lib/ui/toast.ts';
import * as actions from './actions.ts';
import type { Beginning, ModelChoice, Question, Written } from './actions.ts';
import { answers } from './answers.svelte.ts';
import { deleteMessage } from './deletion.ts';
import { put } from './tree.ts';
import type { Annotation, History, Message } from './types.ts';
import { messageNode } from './view/message-node.ts';

const EMPTY: History = { messages: {}, currentId: null };

/** What a screen knows that its conversation needs. */
export interface Screen {
  chatId: () => string | null;
  /** The models that the next question is asked of. */
  models: () => ModelChoice[];
  find: (id: string | undefined) => ModelChoice | undefined;
  beginning: () => Beginning;
  /** A temporary chat has begun, which has no address. */
  onbegun: (chatId: string) => void;
}

/** What one chat screen does: each action shows its result at once and says so when it could not be kept. */
export class Conversation {
  /** The message whose text is being edited. */
  editing = $state<string | null>(null);
  /** A first question that the server has not made a chat of yet. */
  begun = $state.raw<History | null>(null);
  #screen: Screen;
  /** The chat that began here last. */
  #began: string | null = null;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  get chatId(): string | null {
    return this.#screen.chatId();
  }

  /** Whether a chat began on this screen. */
  began(chatId: string): boolean {
    return this.#began === chatId;
  }

  /** Sends a question below `parentId`; returns whether it was taken. */
  async send(written: Written, parentId: string | null): Promise<boolean> {
    const question = { ...written, models: written.models ?? this.#screen.models() };
    if (question.models.length === 0) return false;
    const chatId = this.chatId;
    try {
      if (chatId === null) await this.#sendFirst(question);
      else await actions.ask(chatId, parentId, question);
      return true;
    } catch (error) {
      notifyError(m.chat_send_failed(), error);
      return false;
    }
  }

  async #sendFirst(question: Question): Promise<void> {
    const beginning = this.#screen.beginning();
    const [asked, ...empty] = actions.exchange(null, question);
    const history = put(EMPTY, [asked, ...empty], empty[0]!.id);
    this.begun = history;
    try {
      const chat = await actions.askFirst(history, beginning);
      this.#began = chat.id;
      // The person may have gone elsewhere while the chat was made.
      if (this.begun !== history || page.url.pathname !== resolve('')) return;
      if (beginning.temporary) this.#screen.onbegun(chat.id);
      else await goto(resolve(`c/${chat.id}`));
    } finally {
      if (this.begun === history) this.begun = null;
    }
  }

  /** Leaves the text of a message as it is. */
  endEditing(): void {
    const id = this.editing;
    this.editing = null;
    void refocus(() => messageNode(id)?.querySelector<HTMLElement>('[data-edit]'));
  }

  /** Asks again with another text, as an alternative to the message. */
  async resend(message: Message, text: string): Promise<boolean> {
    this.editing = null;
    const { files = [], features } = message;
    return this.send({ text, files, ...(features ? { features } : {}) }, message.parentId);
  }

  /** Asks what an answer suggests to ask next. */
  follow(question: string, parentId: string): Promise<boolean> {
    return this.send({ text: question, files: [] }, parentId);
  }

  /** Answers once more: by the same model while there is one, or by `model`. */
  regenerate(message: Message, model = this.#screen.find(message.model) ?? this.#screen.models()[0]): void {
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
    this.endEditing();
    this.#do((chatId) => actions.edit(chatId, message, text), m.chat_save_failed());
  }

  /** Takes a message away with everything below it. */
  remove(message: Message): void {
    const chatId = this.chatId;
    if (chatId === null) return;
    deleteMessage(chatId, message.id, (id) => this.stop(id));
    void refocus(() => messageNode(message.parentId) ?? document.getElementById('composer'));
  }

  /** Puts one answer together from several; it joins them as another column. */
  merge(questionId: string): void {
    this.#do(async (chatId) => (await import('./merge.ts')).merge(chatId, questionId), m.chat_merge_failed());
  }

  rate(message: Message, annotation: Annotation): void {
    this.#do(async (chatId) => (await import('./rating.ts')).rate(chatId, message, annotation), m.chat_rate_failed());
  }

  show(id: string): void {
    const chatId = this.chatId;
    if (chatId !== null) actions.show(chatId, id);
  }

  stop(messageId: string): void {
    if (answers.of(messageId)) this.#do(() => actions.stop(messageId), m.chat_stop_failed());
  }

  #do(action: (chatId: string) => Promise<void>, failure: string): void {
    const chatId = this.chatId;
    if (chatId === null) return;
    action(chatId).catch((error: unknown) => notifyError(failure, error, () => this.#do(action, failure)));
  }
}
