import { errorText } from '#lib/api/errors.ts';
import { newId } from '#lib/id.ts';
import { uploadImage } from '../api.ts';
import type { MessageFile } from '../types.ts';
import { prepare } from './pictures.ts';

export interface Attachment {
  id: string;
  name: string;
  preview: string;
  state: 'sending' | 'ready' | 'failed';
  error: string;
}

interface Upload {
  file: File;
  controller: AbortController;
  result?: MessageFile;
}

/** Pictures on the question being written; each is uploaded as soon as it is added. */
export class Attachments {
  list = $state<Attachment[]>([]);
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- what is shown of it is in `list`
  #uploads = new Map<string, Upload>();

  get sending(): boolean {
    return this.list.some((each) => each.state === 'sending');
  }

  /** The uploaded files, in the order they were added. */
  get files(): MessageFile[] {
    return this.list.flatMap(({ id }) => this.#uploads.get(id)?.result ?? []);
  }

  /** Adds pictures; returns whether anything else was among the files. */
  add(files: Iterable<File>): boolean {
    let others = false;
    for (const file of files) {
      if (!file.type.startsWith('image/') || file.type === 'image/svg+xml') {
        others = true;
        continue;
      }
      const id = newId();
      this.list.push({ id, name: file.name, preview: URL.createObjectURL(file), state: 'sending', error: '' });
      void this.#send(id, file);
    }
    return others;
  }

  retry(id: string): void {
    const upload = this.#uploads.get(id);
    if (upload) void this.#send(id, upload.file);
  }

  remove(id: string): void {
    this.#uploads.get(id)?.controller.abort();
    this.#uploads.delete(id);
    const gone = this.list.find((each) => each.id === id);
    if (gone) URL.revokeObjectURL(gone.preview);
    this.list = this.list.filter((each) => each.id !== id);
  }

  clear(): void {
    for (const { id } of [...this.list]) this.remove(id);
  }

  async #send(id: string, file: File): Promise<void> {
    const upload: Upload = { file, controller: new AbortController() };
    this.#uploads.set(id, upload);
    this.#mark(id, 'sending', '');
    try {
      upload.result = await uploadImage(await prepare(file), upload.controller.signal);
      this.#mark(id, 'ready', '');
    } catch (error) {
      if (!upload.controller.signal.aborted) this.#mark(id, 'failed', errorText(error));
    }
  }

  #mark(id: string, state: Attachment['state'], error: string): void {
    const attachment = this.list.find((each) => each.id === id);
    if (attachment) Object.assign(attachment, { state, error });
  }
}
