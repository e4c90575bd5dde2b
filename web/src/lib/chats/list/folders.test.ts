import { describe, expect, it } from 'vitest';
import { folderLines, mayMove, outline, subtree, type Folder } from './folders';

const folder = (id: string, parent_id: string | null = null, is_expanded = true): Folder => ({
  id,
  name: id,
  parent_id,
  is_expanded,
  created_at: 0,
  updated_at: 0,
});
const chat = (id: string) => ({ id, title: id, updated_at: 0, created_at: 0 });
const none = new Set<string>();

describe('outline', () => {
  it('puts children below their parents, by name, numbers by their value', () => {
    const found = outline([folder('b'), folder('10', 'b'), folder('9', 'b'), folder('a')]);
    expect(found.map((each) => `${each.depth}${each.folder.id}`)).toEqual(['0a', '0b', '19', '110']);
  });
  it('loses no folder whose parent is gone or that is in a circle', () => {
    const found = outline([folder('lost', 'gone'), folder('x', 'y'), folder('y', 'x')]);
    expect(found.map((each) => each.folder.id).sort()).toEqual(['lost', 'x', 'y']);
  });
});

describe('mayMove', () => {
  const tree = [folder('a'), folder('b', 'a'), folder('c', 'b')];
  it('refuses a folder below itself', () => expect(mayMove(tree, 'a', 'c')).toBe(false));
  it('refuses where it already is', () => expect(mayMove(tree, 'b', 'a')).toBe(false));
  it('lets it go up and to the top', () => {
    expect(mayMove(tree, 'c', 'a')).toBe(true);
    expect(mayMove(tree, 'c', null)).toBe(true);
  });
  it('knows all that is below', () => expect([...subtree(tree, 'a')]).toEqual(['a', 'b', 'c']));
});

describe('folderLines', () => {
  it('shows what is in open folders only', () => {
    const lines = folderLines(
      [folder('open'), folder('shut', null, false)],
      () => ({ chats: [chat('1'), chat('2')], more: false, state: 'ready' }),
      new Set(['2']),
    );
    expect(lines.map((line) => line.id)).toEqual(['folder:open', 'open:1', 'folder:shut']);
  });
  it('says that a folder is empty, loading or has more', () => {
    const note = (found: Parameters<typeof folderLines>[1]) => {
      const last = folderLines([folder('f')], found, none).at(-1);
      return last?.kind === 'note' ? last.note : undefined;
    };
    expect(note(() => undefined)).toBe('loading');
    expect(note(() => ({ chats: [], more: false, state: 'ready' }))).toBe('empty');
    expect(note(() => ({ chats: [chat('1')], more: true, state: 'ready' }))).toBe('more');
    expect(note(() => ({ chats: [], more: false, state: 'failed' }))).toBe('failed');
  });
});
