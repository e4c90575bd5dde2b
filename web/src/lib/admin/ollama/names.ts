import type { OllamaModel } from './queries.ts';

/** Names without a tag mean the latest. */
const whole = (name: string): string => (/:[^/]*$/.test(name) ? name : `${name}:latest`);

/** Whether two names are those of one model. */
export const sameName = (a: string, b: string): boolean => whole(a.trim()) === whole(b.trim());

export const isTaken = (name: string, models: readonly OllamaModel[]): boolean =>
  models.some((model) => sameName(model.model, name));

/** Where a name is pushed to; undefined for one that no registry takes: it has to be namespace/model. */
export function placeOf(name: string): string | undefined {
  const parts = name.trim().split('/');
  if (parts.length < 2 || parts.some((part) => !part.trim())) return undefined;
  return parts.length === 2 ? `ollama.com/${parts.join('/')}` : parts.join('/');
}
