import type { Schemas } from '#lib/api/client.ts';
import type { Preset } from '#lib/workspace/models/draft.ts';

/** A model as an admin sees it; `own` ones people made, the others belong to connections. */
export type ManagedModel = { id: string; name: string; preset: Preset | undefined; own: boolean };

/** The contract's form of order and defaults; defaults are ids with commas between. */
export type ModelsForm = Schemas['ModelsConfigForm'];

/** The models in the admin's order; those it does not name come after, as they are. */
export function ordered(models: readonly ManagedModel[], order: readonly string[] | null): ManagedModel[] {
  const rank = new Map((order ?? []).map((id, place) => [id, place]));
  const last = rank.size;
  return [...models].sort((a, b) => (rank.get(a.id) ?? last) - (rank.get(b.id) ?? last));
}

/** The ids of a default. */
export const defaultsOf = (form: ModelsForm | undefined): string[] =>
  (form?.DEFAULT_MODELS ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter(Boolean);

/** A default with a model put in or taken out; null when it is empty. */
export function toggledDefault(form: ModelsForm | undefined, id: string): string | null {
  const ids = defaultsOf(form);
  const next = ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id];
  return next.join(',') || null;
}
