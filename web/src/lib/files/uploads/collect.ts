/** A file of this device, and where it lies in the folder it came in: `docs/a.md`, or its name alone. */
export type Picked = { file: File; path: string };

/** Files that programs keep for themselves; nobody means to upload them. */
const isHidden = (path: string) => path.split('/').some((part) => part.startsWith('.') || part === 'Thumbs.db');

/** What was picked, without what is hidden. */
export function picked(files: Iterable<File>): Picked[] {
  return [...files]
    .map((file) => ({ file, path: file.webkitRelativePath || file.name }))
    .filter(({ path }) => !isHidden(path));
}

/** A browser hands the entries of a folder out in portions; the last one is empty. */
async function entriesIn(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

async function walk(entry: FileSystemEntry, above: string): Promise<Picked[]> {
  if (isHidden(entry.name)) return [];
  const path = above + entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail));
    return [{ file, path }];
  }
  const within: Picked[] = [];
  for (const each of await entriesIn(entry as FileSystemDirectoryEntry)) within.push(...(await walk(each, `${path}/`)));
  return within;
}

/** What was dropped, with all that is in folders. Ask for it at once: a browser forgets it after the event. */
export async function dropped(transfer: DataTransfer): Promise<Picked[]> {
  const entries = [...transfer.items].flatMap((item) => (item.kind === 'file' ? (item.webkitGetAsEntry() ?? []) : []));
  if (entries.length === 0) return picked(transfer.files);
  return (await Promise.all(entries.map((entry) => walk(entry, '')))).flat();
}
