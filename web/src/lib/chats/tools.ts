import type { ToolCall } from './types.ts';

type Delta = ToolCall & { index?: number };

/** Puts pieces of tool calls to those there are: each names its place, and arguments come in parts (OpenAI's protocol). */
export function joinCalls(known: readonly ToolCall[], deltas: readonly Delta[]): ToolCall[] {
  const calls = [...known];
  for (const { index = calls.length, ...delta } of deltas) {
    const before = calls[index];
    const joined = {
      name: delta.function?.name || before?.function?.name || '',
      arguments: (before?.function?.arguments ?? '') + (delta.function?.arguments ?? ''),
    };
    calls[index] = { ...before, ...delta, function: joined };
  }
  return calls.filter(Boolean);
}

/** JSON as people read it; anything else as it is. */
export function laidOut(value: unknown): string {
  try {
    return JSON.stringify(typeof value === 'string' ? JSON.parse(value) : value, null, 2);
  } catch {
    return String(value);
  }
}
