import type { History, Message } from './types.ts';

/** Children of each message (and of `null`: the beginnings), in the order they were made. */
export type Children = Map<string | null, string[]>;

/** Reads the order from `childrenIds` and adds, by time, what only `parentId` knows of (another tab may have added it). */
export function childrenOf(history: History): Children {
  const children: Children = new Map();
  const placed = new Set<string>();
  const put = (parent: string | null, id: string) => {
    const list = children.get(parent);
    if (list) list.push(id);
    else children.set(parent, [id]);
    placed.add(id);
  };
  for (const message of Object.values(history.messages)) {
    for (const id of message.childrenIds ?? []) {
      if (history.messages[id]?.parentId === message.id && !placed.has(id)) put(message.id, id);
    }
  }
  const rest = Object.values(history.messages).filter((message) => !placed.has(message.id));
  rest.sort((a, b) => a.timestamp - b.timestamp);
  for (const message of rest) {
    put(message.parentId !== null && message.parentId in history.messages ? message.parentId : null, message.id);
  }
  return children;
}

/** Messages from the first one down to `currentId`; a missing parent or a cycle ends the walk. */
export function branchOf(history: History): Message[] {
  const branch: Message[] = [];
  const seen = new Set<string>();
  let id = history.currentId;
  while (id !== null && id !== undefined && !seen.has(id)) {
    const message: Message | undefined = history.messages[id];
    if (!message) break;
    seen.add(id);
    branch.push(message);
    id = message.parentId;
  }
  return branch.reverse();
}

/** The message and its alternatives under the same parent, with its place among them. */
export function siblingsOf(history: History, children: Children, id: string): { ids: string[]; index: number } {
  const parent = history.messages[id]?.parentId ?? null;
  const ids = children.get(parent !== null && parent in history.messages ? parent : null) ?? [id];
  return { ids, index: Math.max(0, ids.indexOf(id)) };
}

/** The newest end of the branch that goes through a message. */
export function leafOf(children: Children, id: string): string {
  const seen = new Set<string>();
  let leaf = id;
  for (
    let next = children.get(leaf)?.at(-1);
    next !== undefined && !seen.has(next);
    next = children.get(leaf)?.at(-1)
  ) {
    seen.add(next);
    leaf = next;
  }
  return leaf;
}

/** Shows the newest branch through a message. */
export function select(history: History, id: string): History {
  return { ...history, currentId: leafOf(childrenOf(history), id) };
}

/** Adds or replaces messages, lists each under its parent, and shows the branch that ends at `currentId`. */
export function put(history: History, added: Message[], currentId: string | null = history.currentId): History {
  const messages = { ...history.messages };
  for (const message of added) messages[message.id] = message;
  for (const { id, parentId } of added) {
    const parent = parentId === null ? undefined : messages[parentId];
    if (parent && !parent.childrenIds.includes(id))
      messages[parent.id] = { ...parent, childrenIds: [...parent.childrenIds, id] };
  }
  return { messages, currentId };
}

/** Changes some fields of one message; an unknown id changes nothing. */
export function patch(history: History, id: string, change: Partial<Message>): History {
  const message = history.messages[id];
  if (!message) return history;
  return { ...history, messages: { ...history.messages, [id]: { ...message, ...change } } };
}

/** The messages and everything below them that is there. */
export function withBelow(history: History, ids: Iterable<string>): Set<string> {
  const children = childrenOf(history);
  const found = new Set<string>();
  const open = [...ids].filter((id) => id in history.messages);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...(children.get(id) ?? []));
  }
  return found;
}

/** Takes messages out, with everything below them; the branch then ends at the nearest one left. */
export function remove(history: History, ids: Iterable<string>): History {
  const gone = withBelow(history, ids);
  if (gone.size === 0) return history;
  const messages: Record<string, Message> = {};
  for (const message of Object.values(history.messages)) {
    if (gone.has(message.id)) continue;
    const kept = message.childrenIds.filter((id) => !gone.has(id));
    messages[message.id] = kept.length === message.childrenIds.length ? message : { ...message, childrenIds: kept };
  }
  let currentId = history.currentId;
  while (currentId !== null && gone.has(currentId)) currentId = history.messages[currentId]?.parentId ?? null;
  const children = childrenOf({ messages, currentId });
  // Another version of the first question is left, or nothing.
  const end = currentId ?? children.get(null)?.at(-1);
  return { messages, currentId: end === undefined ? null : leafOf(children, end) };
}
