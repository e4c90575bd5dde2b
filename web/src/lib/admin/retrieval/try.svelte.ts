import { api, call } from '#lib/api/client.ts';
import { errorText } from '#lib/api/errors.ts';
import { deleteFile } from '#lib/files/queries.ts';
import { uploadFile } from '#lib/files/uploads/upload.ts';
import { m } from '#lib/paraglide/messages.js';
import { tryText, type Chunk } from './queries.ts';

/** How often is looked how far the file is, in milliseconds. */
const LOOK_MS = 700;

/** A document that an admin tries the settings on: read, cut and asked, and then gone again. */
export class TryOut {
  name = $state('');
  /** What is being done; empty when nothing is. */
  step = $state<'' | 'sending' | 'reading' | 'cutting'>('');
  /** Percent. */
  progress = $state(0);
  error = $state('');
  text = $state.raw<string | null>(null);
  chunks = $state.raw<Chunk[]>([]);
  /** Of all chunks; `chunks` has the first of them. */
  count = $state(0);
  lexical = $state(false);
  query = $state('');
  #end = new AbortController();

  /** Has a file read as the settings say. */
  read(file: File): Promise<void> {
    return this.#run(async (signal) => {
      this.name = file.name;
      this.text = null;
      this.chunks = [];
      this.step = 'sending';
      const onprogress = (sent: number) => (this.progress = file.size ? Math.round((100 * sent) / file.size) : 0);
      const { id } = await uploadFile(file, { onprogress, signal });
      try {
        this.text = await this.#extracted(id, signal);
      } finally {
        // Nobody asked for it to be kept.
        void deleteFile(id).catch(() => undefined);
      }
      await this.#cut(signal);
    });
  }

  /** Cuts and asks again, with the settings or the question that are there now. */
  again(): Promise<void> {
    return this.text === null ? Promise.resolve() : this.#run((signal) => this.#cut(signal));
  }

  stop(): void {
    this.#end.abort();
  }

  async #run(act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#end.abort();
    const { signal } = (this.#end = new AbortController());
    this.error = '';
    try {
      await act(signal);
    } catch (error) {
      if (!signal.aborted) this.error = errorText(error);
    } finally {
      if (this.#end.signal === signal) this.step = '';
    }
  }

  async #extracted(id: string, signal: AbortSignal): Promise<string> {
    this.step = 'reading';
    const params = { path: { id } };
    for (;;) {
      const file = await call(api.GET('/api/v1/files/{id}', { params, signal }));
      this.progress = file?.progress ?? 0;
      if (file?.status === 'failed') throw new Error(file.reason || m.try_failed());
      if (file?.status === 'indexed') break;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      signal.throwIfAborted();
    }
    return (await call(api.GET('/api/v1/files/{id}/data/content', { params, signal }))).content;
  }

  async #cut(signal: AbortSignal): Promise<void> {
    this.step = 'cutting';
    const tried = await tryText(this.text ?? '', this.query.trim(), signal);
    this.chunks = tried.chunks;
    this.count = tried.count;
    this.lexical = tried.lexical_only;
  }
}
