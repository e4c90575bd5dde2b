import { m } from '#lib/paraglide/messages.js';
import type { FolderLine } from './folders.ts';
import type { ChatHead, Line as DatedLine } from './grouping.ts';

/** Where a heading stands; chats are dropped on it to go there. */
export type Section = 'pinned' | 'folders' | 'chats';

/** A line of the sidebar's one list. */
export type Line =
  | { kind: 'heading'; id: string; label: string; section: Section }
  | { kind: 'chat'; id: string; chat: ChatHead; depth?: number }
  | { kind: 'empty'; id: string }
  | FolderLine;

/** The whole list: what is pinned, the folders, then the other chats by date. */
export function sections(
  pinned: readonly ChatHead[],
  folders: readonly FolderLine[],
  dated: readonly DatedLine[],
): Line[] {
  const top: Line[] = pinned.length
    ? [
        { kind: 'heading', id: 'heading:pinned', label: m.chats_pinned(), section: 'pinned' },
        ...pinned.map((chat): Line => ({ kind: 'chat', id: `pinned:${chat.id}`, chat })),
      ]
    : [];
  const rest: Line[] = dated.map((line): Line =>
    line.kind === 'heading' ? { ...line, id: `dated:${line.id}`, section: 'chats' } : line,
  );
  return [
    ...top,
    { kind: 'heading', id: 'heading:folders', label: m.folders(), section: 'folders' },
    ...folders,
    ...(rest.length ? rest : [{ kind: 'empty' as const, id: 'empty' }]),
  ];
}
