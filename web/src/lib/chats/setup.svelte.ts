import { startingModels } from '#lib/models/choice.ts';
import type { Params } from '#lib/models/params.ts';
import { choosable, rememberModels, type Model } from '#lib/models/queries.ts';
import { m } from '#lib/paraglide/messages.js';
import { notifyError } from '#lib/ui/toast.ts';
import type { Beginning, ModelChoice } from './actions.ts';
import { saveFields } from './api.ts';
import { changeFields } from './cache.ts';
import { isTemporary } from './temporary.ts';
import type { Chat } from './types.ts';

/** What the screen knows that decides which models and parameters a chat has. */
export interface Known {
  chatId: () => string | null;
  chat: () => Chat | undefined;
  lastModel: () => string | undefined;
  models: () => Model[];
  /** The person's own choice; undefined until it is known. */
  chosen: () => unknown;
  /** The admin's default; undefined until it is known. */
  preset: () => string | undefined;
  /** Where the chat about to begin goes, and the models that its folder asks. */
  folder: () => { id: string; models: string[] } | null;
}

/** Models and parameters of the chat on screen, or of the one about to begin. */
export class Setup {
  /** The chat about to begin is to leave nothing on the server. */
  wantsTemporary = $state(false);
  #known: Known;
  #picked = $state.raw<{ chatId: string | null; models: string[] } | null>(null);
  #draft = $state.raw<Params>({});

  constructor(known: Known) {
    this.#known = known;
  }

  /** The models that the next question is asked of; none while they are not known. */
  get models(): string[] {
    const { chatId, chat, lastModel, models, chosen, preset, folder } = this.#known;
    const there = models().map((model) => model.id);
    const picked = this.#picked?.chatId === chatId() ? this.#picked.models : [];
    const stored = chat()?.chat.models ?? [];
    for (const ids of [picked, stored, [lastModel() ?? ''], folder()?.models ?? []]) {
      const left = ids.filter((id) => there.includes(id));
      if (left.length > 0) return left;
    }
    // Until the person's own choice is known, nothing is picked for them.
    const [mine, default_] = [chosen(), preset()];
    return mine === undefined || default_ === undefined ? [] : startingModels(choosable(models()), mine, default_);
  }

  get choices(): ModelChoice[] {
    return this.models.flatMap((id) => this.find(id) ?? []);
  }

  find(id: string | undefined): ModelChoice | undefined {
    const found = this.#known.models().find((model) => model.id === id);
    return found && { id: found.id, name: found.name ?? found.id };
  }

  get list(): Model[] {
    return this.#known.models();
  }

  /** Asks others from now on: in this chat, or in all that are about to begin. */
  pick(models: string[]): void {
    const chatId = this.#known.chatId();
    this.#picked = { chatId, models };
    if (chatId !== null) changeFields(chatId, { models });
    const kept = chatId === null ? rememberModels(models) : saveFields(chatId, { models });
    kept.catch((error: unknown) => notifyError(m.models_remember_failed(), error));
  }

  get params(): Params {
    return this.#known.chatId() === null ? this.#draft : (this.#known.chat()?.chat.params ?? {});
  }

  /** Changes the parameters of the chat; throws when they were not saved. */
  async setParams(params: Params): Promise<void> {
    const chatId = this.#known.chatId();
    if (chatId === null) {
      this.#draft = params;
      return;
    }
    const before = this.params;
    changeFields(chatId, { params });
    try {
      await saveFields(chatId, { params });
    } catch (error) {
      changeFields(chatId, { params: before });
      throw error;
    }
  }

  get temporary(): boolean {
    const chatId = this.#known.chatId();
    return chatId === null ? this.wantsTemporary : isTemporary(chatId);
  }

  /** What the chat about to begin starts with; the next one starts afresh. */
  get beginning(): Beginning {
    const params = this.#draft;
    this.#draft = {};
    return { params, folderId: this.#known.folder()?.id ?? null, temporary: this.wantsTemporary };
  }
}
