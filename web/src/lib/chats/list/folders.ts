import type { Schemas } from '#lib/api/client.ts';
import type { ChatHead } from './grouping.ts';

/** A folder of the sidebar. */
export type Folder = Schemas['FolderNameIdResponse'];

/** What is known of a folder's chats. */
export type FolderChats = { chats: readonly ChatHead[]; more: boolean; state: 'loading' | 'ready' | 'failed' };

/** What stands below a folder's chats. */
export type Note = 'empty' | 'loading' | 'failed' | 'more';

/** A line of the folders' part of the list, indented by `depth`. */
export type FolderLine =
  | { kind: 'folder'; id: string; folder: Folder; depth: number }
  | { kind: 'chat'; id: string; chat: ChatHead; depth: number }
  | { kind: 'note'; id: string; folder: Folder; depth: number; note: Note };

/** Folders by the one they are in; those whose parent is gone, or that are in a circle, stand at the top. */
export function childFolders(folders: readonly Folder[]): Map<string | null, Folder[]> {
  const byId = new Map(folders.map((folder) => [folder.id, folder]));
  const circular = (folder: Folder): boolean => {
    const seen = new Set<string>();
    let at: Folder | undefined = folder;
    while (at) {
      if (seen.has(at.id)) return true;
      seen.add(at.id);
      at = at.parent_id ? byId.get(at.parent_id) : undefined;
    }
    return false;
  };
  const children = new Map<string | null, Folder[]>();
  for (const folder of [...folders].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))) {
    const parent = folder.parent_id && byId.has(folder.parent_id) && !circular(folder) ? folder.parent_id : null;
    children.set(parent, [...(children.get(parent) ?? []), folder]);
  }
  return children;
}

/** Every folder with how deep it is, parents before children: the order of a tree that is all open. */
export function outline(folders: readonly Folder[]): { folder: Folder; depth: number }[] {
  const children = childFolders(folders);
  const below = (parent: string | null, depth: number): { folder: Folder; depth: number }[] =>
    (children.get(parent) ?? []).flatMap((folder) => [{ folder, depth }, ...below(folder.id, depth + 1)]);
  return below(null, 0);
}

/** The ids of a folder and of all below it. */
export function subtree(folders: readonly Folder[], id: string): Set<string> {
  const children = childFolders(folders);
  const found = new Set([id]);
  for (const parent of found) for (const child of children.get(parent) ?? []) found.add(child.id);
  return found;
}

/** Whether a folder may be moved below another; null is the top. */
export function mayMove(folders: readonly Folder[], id: string, parent: string | null): boolean {
  const present = folders.find((folder) => folder.id === id)?.parent_id ?? null;
  return parent !== present && (parent === null || !subtree(folders, id).has(parent));
}

/** The lines of the folders, each open one with its folders and chats below it. */
export function folderLines(
  folders: readonly Folder[],
  chatsOf: (id: string) => FolderChats | undefined,
  hidden: ReadonlySet<string>,
): FolderLine[] {
  const children = childFolders(folders);
  const below = (parent: string | null, depth: number): FolderLine[] =>
    (children.get(parent) ?? []).flatMap((folder): FolderLine[] => {
      const line: FolderLine = { kind: 'folder', id: `folder:${folder.id}`, folder, depth };
      if (!folder.is_expanded) return [line];
      const inside = below(folder.id, depth + 1);
      const found = chatsOf(folder.id);
      const chats = (found?.chats ?? []).filter((chat) => !hidden.has(chat.id));
      const lines = chats.map((chat): FolderLine => ({
        kind: 'chat',
        id: `${folder.id}:${chat.id}`,
        chat,
        depth: depth + 1,
      }));
      const note = noteOf(found, chats.length + inside.length);
      return [
        line,
        ...inside,
        ...lines,
        ...(note ? [{ kind: 'note' as const, id: `note:${folder.id}`, folder, depth: depth + 1, note }] : []),
      ];
    });
  return below(null, 0);
}

function noteOf(found: FolderChats | undefined, count: number): Note | undefined {
  if (!found || found.state === 'loading') return 'loading';
  if (found.state === 'failed') return 'failed';
  if (found.more) return 'more';
  return count ? undefined : 'empty';
}
