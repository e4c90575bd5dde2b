import { describe, expect, it } from 'vitest';
import { branchOf, childrenOf, leafOf, patch, put, remove, select, siblingsOf } from './tree.ts';
import type { History, Message, Role } from './types.ts';

let clock = 0;
function message(id: string, parentId: string | null, role: Role = 'user', childrenIds: string[] = []): Message {
  return { id, parentId, childrenIds, role, content: id, timestamp: ++clock };
}

function history(...messages: Message[]): History {
  return put({ messages: {}, currentId: null }, messages, messages.at(-1)?.id ?? null);
}

const ids = (messages: Message[]) => messages.map((each) => each.id);

describe('message tree', () => {
  it('walks the branch from the first message to the current one', () => {
    expect(ids(branchOf(history(message('u1', null), message('a1', 'u1'), message('u2', 'a1'))))).toEqual([
      'u1',
      'a1',
      'u2',
    ]);
  });

  it('shows what there is when a parent is missing, and does not hang on a cycle', () => {
    expect(ids(branchOf(history(message('a1', 'gone'))))).toEqual(['a1']);
    const cyclic = { messages: { x: message('x', 'y'), y: message('y', 'x') }, currentId: 'x' };
    expect(ids(branchOf(cyclic))).toEqual(['y', 'x']);
  });

  it('numbers a regenerated answer among its siblings', () => {
    const tree = history(message('u1', null), message('a1', 'u1'), message('a2', 'u1'));
    expect(siblingsOf(tree, childrenOf(tree), 'a2')).toEqual({ ids: ['a1', 'a2'], index: 1 });
    expect(ids(branchOf(tree))).toEqual(['u1', 'a2']);
  });

  it('makes an edited first message a second beginning', () => {
    const tree = history(message('u1', null), message('a1', 'u1'), message('u1b', null));
    expect(siblingsOf(tree, childrenOf(tree), 'u1b')).toEqual({ ids: ['u1', 'u1b'], index: 1 });
  });

  it('goes to the newest end when another branch is selected', () => {
    const tree = history(
      message('u1', null),
      message('a1', 'u1'),
      message('u2', 'a1'),
      message('a2', 'u2'),
      message('a1b', 'u1'),
    );
    expect(select(tree, 'a1').currentId).toBe('a2');
    expect(leafOf(childrenOf(tree), 'u1')).toBe('a1b');
  });

  it('finds a child that only its parentId names, as another tab leaves it', () => {
    const tree = { messages: { u1: message('u1', null), a1: message('a1', 'u1') }, currentId: 'a1' };
    expect(childrenOf(tree).get('u1')).toEqual(['a1']);
  });

  it('changes one message and keeps the identity of the others', () => {
    const tree = history(message('u1', null), message('a1', 'u1'));
    const changed = patch(tree, 'a1', { content: 'new' });
    expect(changed.messages['a1']?.content).toBe('new');
    expect(changed.messages['u1']).toBe(tree.messages['u1']);
    expect(patch(tree, 'nobody', { content: 'x' })).toBe(tree);
  });

  it('takes an exchange back out and shows what stood before', () => {
    const tree = history(message('u1', null), message('a1', 'u1'), message('u2', 'a1'), message('a2', 'u2'));
    const undone = remove(tree, ['u2']);
    expect(Object.keys(undone.messages)).toEqual(['u1', 'a1']);
    expect(undone.currentId).toBe('a1');
    expect(undone.messages['a1']?.childrenIds).toEqual([]);
    expect(remove(tree, ['u1'])).toEqual({ messages: {}, currentId: null });
    const other = { ...tree.messages.u1!, id: 'u9', childrenIds: [] };
    expect(remove(put(tree, [other], 'u9'), ['u9']).currentId).toBe(select(tree, 'u1').currentId);
  });

  it('handles five thousand messages in a row quickly', () => {
    const long = history(...Array.from({ length: 5000 }, (_, i) => message(`m${i}`, i === 0 ? null : `m${i - 1}`)));
    const start = performance.now();
    expect(branchOf(long)).toHaveLength(5000);
    expect(leafOf(childrenOf(long), 'm0')).toBe('m4999');
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
