import { api, call, found } from '#lib/api/client.ts';
import { forEach } from '#lib/api/each.ts';
import { m } from '#lib/paraglide/messages.js';
import { notify, notifyError } from '#lib/ui/toast.ts';
import type { ChatHead } from './grouping.ts';
import { isPinned, listed, pauseLists, relist, takeOut } from './lists.ts';
import { refreshChats, refreshSidebar } from './queries.svelte.ts';

const known = (ids: readonly string[]) => ids.flatMap((id) => listed(id) ?? []);

/** Shows the chats at their new place, then tells the server; reads the lists again when it refuses. */
async function place(
  ids: readonly string[],
  show: (chats: ChatHead[]) => void,
  act: (id: string) => Promise<unknown>,
  failure: string,
  onprogress?: (done: number) => void,
): Promise<void> {
  if (!ids.length) return;
  const chats = known(ids);
  await pauseLists();
  show(chats);
  try {
    await forEach(ids, act, onprogress);
  } catch (error) {
    notifyError(failure, error, () => void place(ids, show, act, failure, onprogress));
  }
  await refreshSidebar();
}

/** Puts chats into a folder; `null` takes them out of theirs. */
export function moveChats(ids: readonly string[], folder: string | null, onprogress?: (done: number) => void) {
  return place(
    ids,
    (chats) => relist(chats, folder === null ? null : { folder }),
    (id) => call(api.POST('/api/v1/chats/{id}/folder', { params: { path: { id } }, body: { folder_id: folder } })),
    m.chats_move_failed(),
    onprogress,
  );
}

/** Pins chats that are not pinned yet, or the other way round. */
export function pinChats(ids: readonly string[], pinned: boolean): Promise<void> {
  return place(
    ids.filter((id) => isPinned(id) !== pinned),
    (chats) => relist(chats, pinned ? 'pinned' : null),
    (id) => call(api.POST('/api/v1/chats/{id}/pin', { params: { path: { id } } })),
    m.chats_pin_failed(),
  );
}

/** Puts chats away; the archive lists them, and a toast takes it back. */
export async function archiveChats(ids: readonly string[], onprogress?: (done: number) => void): Promise<void> {
  const [first] = known(ids);
  await place(
    ids,
    (chats) => takeOut(new Set(chats.map((chat) => chat.id))),
    toggleArchived,
    m.chats_archive_failed(),
    onprogress,
  );
  notify(
    ids.length === 1 ? m.chats_archived({ title: first?.title ?? '' }) : m.chats_archived_many({ count: ids.length }),
  );
}

/** Puts a chat into the archive, or takes it out again. */
export function toggleArchived(id: string): Promise<unknown> {
  return call(api.POST('/api/v1/chats/{id}/archive', { params: { path: { id } } }));
}

/** Makes a copy of a chat and returns its id. */
export async function cloneChat(chat: ChatHead): Promise<string> {
  const title = m.chats_clone_title({ title: chat.title });
  const copy = await found(
    api.POST('/api/v1/chats/{id}/clone', { params: { path: { id: chat.id } }, body: { title } }),
  );
  await refreshChats().catch(() => undefined);
  return copy.id;
}
