import type { EngineField } from './engines.ts';

/** A stored value as a field shows it. */
export function shownValue(value: unknown, kind: EngineField['kind']): string {
  if (kind === 'json') return value && Object.keys(value).length > 0 ? JSON.stringify(value, null, 2) : '';
  return value === null || value === undefined ? '' : String(value);
}

/** What a field holds, to be stored; undefined where it cannot be. An empty number is none: the server has its own. */
export function enteredValue(text: string, kind: EngineField['kind']): unknown {
  const trimmed = text.trim();
  if (kind === 'number') {
    if (trimmed === '') return null;
    const number = Number(trimmed);
    return Number.isFinite(number) ? number : undefined;
  }
  if (kind !== 'json') return trimmed;
  if (trimmed === '') return {};
  try {
    const value: unknown = JSON.parse(trimmed);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A list of words or lines as it is typed, without what is empty or there twice. */
export const listOf = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\s,]+/)
      .map((word) => word.trim())
      .filter(Boolean),
  ),
];
