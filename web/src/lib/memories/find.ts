import type { Memory } from './queries.ts';

/** The memories that have all of the words, then those that are near to them in meaning, best first. */
export function findMemories(
  memories: readonly Memory[],
  text: string,
  nearest: ReadonlyMap<string, number> | undefined,
): Memory[] {
  const words = text.toLocaleLowerCase().split(/\s+/u).filter(Boolean);
  if (words.length === 0) return [...memories];
  const has = ({ content }: Memory) => words.every((word) => content.toLocaleLowerCase().includes(word));
  const near = memories
    .filter((memory) => !has(memory) && nearest?.has(memory.id))
    .sort((a, b) => nearest!.get(b.id)! - nearest!.get(a.id)!);
  return [...memories.filter(has), ...near];
}
