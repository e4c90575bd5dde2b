import { newId } from '#lib/id.ts';
import { branchOf } from './tree.ts';
import type { History, Message, MessageFile } from './types.ts';

/** Chats that live in this tab alone; the server knows the prefix and stores nothing of them. */
const PREFIX = 'local:';

export const newTemporaryId = (): string => PREFIX + newId();
export const isTemporary = (chatId: string): boolean => chatId.startsWith(PREFIX);

type Part = { type: 'text'; text: string } | { type: 'image_url'; image_url: { url: string } };
export interface PromptMessage {
  role: string;
  content: string | Part[];
}

function prompted({ role, content, files = [] }: Message): PromptMessage {
  const pictures = files.flatMap(({ type, url }) => (type === 'image' && url ? url : []));
  if (pictures.length === 0) return { role, content };
  const text: Part[] = content ? [{ type: 'text', text: content }] : [];
  return { role, content: [...text, ...pictures.map((url): Part => ({ type: 'image_url', image_url: { url } }))] };
}

/** What the model is to read for an answer: the branch above it, and what the answer has so far if it is to go on. */
export function promptFor(history: History, answer: Message): PromptMessage[] {
  const branch = branchOf({ ...history, currentId: answer.parentId });
  const read = branch.filter((message) => message.role !== 'assistant' || message.content);
  return [...read, ...(answer.content ? [answer] : [])].map(prompted);
}

/** What is attached to the branch above an answer, other than the pictures that stand in its messages. */
export function filesFor(history: History, answer: Message): MessageFile[] {
  const branch = branchOf({ ...history, currentId: answer.parentId });
  return branch.flatMap(({ files = [] }) => files.filter(({ type }) => type !== 'image'));
}
