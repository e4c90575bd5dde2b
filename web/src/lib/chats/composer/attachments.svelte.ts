import { errorText } from '#lib/api/errors.ts';
import { isMoving } from '#lib/files/listed.ts';
import type { Told } from '#lib/files/live.ts';
import { Lanes } from '#lib/files/uploads/lanes.ts';
import { newId } from '#lib/id.ts';
import type { MessageFile } from '../types.ts';
import { admitted, isPicture, withRoom } from './admitting.ts';
import type { Offers } from './offers.ts';
import { keyOf } from './references.ts';

export interface Attachment {
  id: string;
  /** As a message has it; a file or a page that is on its way has no id there yet. */
  item: MessageFile;
  name: string;
  /** The address of a picture's own bytes; empty for what is no picture. */
  preview: string;
  /** `reading`: it is there and is being made searchable. */
  state: 'sending' | 'reading' | 'ready' | 'failed';
  /** Percent. */
  progress: number;
  error: string;
}

/** How often is looked how far a file is, in milliseconds: events tell sooner, where none is missed. */
const LOOK_MS = 5000;
/** How many go to the server at once. */
const AT_ONCE = 3;

/** What is attached to the question being written; files and pages go to the server as soon as they are added. */
export class Attachments {
  list = $state<Attachment[]>([]);
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- what is shown of it is in `list`
  #files = new Map<string, File>();
  #lanes = new Lanes(
    AT_ONCE,
    (id, signal) => this.#bring(id, signal),
    (id, error) => this.#change(id, { state: 'failed', error: errorText(error) }),
  );
  #unfollow: (() => void) | undefined;

  /** `keep` is told whatever of it is still there after a reload: what the server has, and addresses. */
  constructor(private readonly keep: (items: MessageFile[]) => void = () => undefined) {}

  get sending(): boolean {
    return this.list.some((each) => each.state === 'sending');
  }

  get #attached(): MessageFile[] {
    return this.list.map(({ item }) => item);
  }

  /** What goes along with the question, in the order it was added. */
  get items(): MessageFile[] {
    return this.list.flatMap(({ state, item }) => (state === 'ready' || state === 'reading' ? { ...item } : []));
  }

  /** Adds files of this device; pictures as pictures where who answers sees them. What is not taken is told of. */
  addFiles(files: readonly File[], offers: Offers): void {
    for (const file of admitted(files, this.#attached, offers)) {
      const picture = isPicture(file, offers);
      const id = newId();
      this.#files.set(id, file);
      const preview = picture ? URL.createObjectURL(file) : '';
      const item = { type: picture ? 'image' : 'file', name: file.name, size: file.size };
      this.list.push({ id, item, name: file.name, preview, state: 'sending', progress: 0, error: '' });
      this.#lanes.add(id);
    }
  }

  /** Attaches a thing that was chosen, as long as there is room for it. */
  choose(item: MessageFile, offers: Offers): void {
    const files = item.type === 'file' ? [{ name: item.name ?? '' }] : [];
    if (withRoom(files, this.#attached, offers).length === files.length) this.add(item);
  }

  /** Attaches something that the server has. */
  add(item: MessageFile, state: Attachment['state'] = 'ready'): void {
    if (this.list.some((each) => keyOf(each.item) === keyOf(item))) return;
    const preview = item.type === 'image' ? (item.url ?? '') : '';
    this.list.push({ id: newId(), item, name: item.name ?? '', preview, state, progress: 0, error: '' });
    this.#keep();
  }

  /** Attaches again what was kept. A page that was not there yet is read once more; how far files are is asked. */
  restore(items: readonly MessageFile[]): void {
    for (const item of items) {
      if (item.type === 'text' && !item.collection_name && item.url) this.addPage(item.url);
      else this.add(item, item.type === 'file' ? 'reading' : 'ready');
    }
    for (const { id, state } of this.list) if (state === 'reading') void this.#lookAfter(id);
  }

  /** Has a page of the web read and attaches it. */
  addPage(url: string): void {
    const item = { type: 'text', name: url, url };
    if (this.list.some((each) => keyOf(each.item) === keyOf(item))) return;
    const id = newId();
    this.list.push({ id, item, name: url, preview: '', state: 'sending', progress: 0, error: '' });
    this.#keep();
    this.#lanes.add(id);
  }

  /** Whether the model is to read all of a thing, or the passages of it that fit. */
  setWhole(id: string, whole: boolean): void {
    const attachment = this.#find(id);
    if (!attachment) return;
    if (whole) attachment.item.context = 'full';
    else delete attachment.item.context;
    this.#keep();
  }

  retry(id: string): void {
    this.#change(id, { state: 'sending', progress: 0, error: '' });
    this.#lanes.add(id);
  }

  remove(id: string): void {
    this.#lanes.stop(id);
    this.#files.delete(id);
    const gone = this.#find(id);
    if (gone?.preview.startsWith('blob:')) URL.revokeObjectURL(gone.preview);
    this.list = this.list.filter((each) => each.id !== id);
    if (this.list.length === 0) this.#unfollow = void this.#unfollow?.();
    this.#keep();
  }

  clear(): void {
    for (const { id } of [...this.list]) this.remove(id);
  }

  #keep(): void {
    const items = this.list.map(({ item }) => $state.snapshot(item)) as MessageFile[];
    this.keep(items.filter(({ id, url }) => id ?? url));
  }

  async #bring(id: string, signal: AbortSignal): Promise<void> {
    const attachment = this.#find(id);
    if (!attachment) return;
    // What is not needed to write a question comes with the first thing that is attached.
    const { bringFile, bringPage, bringPicture, readAgain } = await import('./bringing.ts');
    const file = this.#files.get(id);
    const { item } = attachment;
    const onprogress = (progress: number) => this.#change(id, { progress });
    if (item.type !== 'file') {
      return this.#arrived(id, file ? await bringPicture(file, signal) : await bringPage(item, signal));
    }
    const stored = item.id || !file ? await readAgain(item, signal) : await bringFile(file, { onprogress, signal });
    this.#arrived(id, stored, 'reading');
    void this.#lookAfter(id);
  }

  /** Follows a file until it can be found; how far it is, is asked at once and then again and again. */
  async #lookAfter(id: string): Promise<void> {
    const { follow, look } = await import('./bringing.ts');
    this.#unfollow ??= follow((told) => this.#told(told));
    for (;;) {
      const attachment = this.#find(id);
      if (attachment?.state !== 'reading' || !attachment.item.id) return;
      await look(attachment.item.id).then(
        (told) => this.#told(told),
        // What cannot be asked now is asked again.
        () => undefined,
      );
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  #arrived(id: string, item: MessageFile, state: Attachment['state'] = 'ready'): void {
    const attachment = this.#find(id);
    const whole = attachment?.item.context ? { context: attachment.item.context } : {};
    this.#change(id, { item: { ...item, ...whole }, name: item.name ?? '', state, progress: 0 });
    this.#keep();
  }

  #told({ id, status, progress, reason }: Told): void {
    const attachment = this.list.find(({ item }) => item.type === 'file' && item.id === id);
    if (attachment?.state !== 'reading') return;
    if (status === 'failed') this.#change(attachment.id, { state: 'failed', error: reason ?? '' });
    else this.#change(attachment.id, { progress, state: isMoving({ status }) ? 'reading' : 'ready' });
  }

  #find(id: string): Attachment | undefined {
    return this.list.find((each) => each.id === id);
  }

  #change(id: string, change: Partial<Attachment>): void {
    const attachment = this.#find(id);
    if (attachment) Object.assign(attachment, change);
  }
}
