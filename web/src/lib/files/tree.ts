/** A folder of a list of paths, as it shows in the one above: with what all files in it come to. */
export type Folder = { name: string; path: string; count: number; size: number };

type Placed = { path: string; size: number };

/** The folder that a path is in: `docs/deep` of `docs/deep/a.md`, empty for the top. */
export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** A path's last part. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Whether something lies in a folder, however deep. */
export const isWithin = (path: string, folder: string): boolean => folder === '' || path.startsWith(`${folder}/`);

/** What is in a folder (empty: the top): the folders by name, and the files in their order. */
export function contentsOf<File extends Placed>(
  files: readonly File[],
  folder: string,
): { folders: Folder[]; files: File[] } {
  const within = folder === '' ? 0 : folder.length + 1;
  const folders = new Map<string, Folder>();
  const here: File[] = [];
  for (const file of files) {
    if (!isWithin(file.path, folder)) continue;
    const end = file.path.indexOf('/', within);
    if (end < 0) {
      here.push(file);
      continue;
    }
    const path = file.path.slice(0, end);
    const known = folders.get(path) ?? { name: file.path.slice(within, end), path, count: 0, size: 0 };
    folders.set(path, { ...known, count: known.count + 1, size: known.size + file.size });
  }
  return { folders: [...folders.values()].sort((a, b) => a.name.localeCompare(b.name)), files: here };
}

/** The folders on the way to one, from the top: `docs`, then `docs/deep`. */
export function wayTo(folder: string): { name: string; path: string }[] {
  const parts = folder.split('/').filter(Boolean);
  return parts.map((name, index) => ({ name, path: parts.slice(0, index + 1).join('/') }));
}
