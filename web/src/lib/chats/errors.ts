import type { Message } from './types.ts';

/** The words of a message's error, or null when it has none. */
export function errorOf(message: Message): string | null {
  const { error } = message;
  if (!error) return null;
  if (typeof error === 'string') return error;
  if (typeof error === 'object' && typeof error.content === 'string') return error.content;
  return '';
}
