/** What choosing a model needs to know of it. */
type Candidate = { id: string };

/** The ids in a default that an admin wrote as "one,two". */
function listed(text: string | null | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter(Boolean);
}

/**
 * The model that a new chat starts with: the person's last choice, otherwise the admin's default, otherwise the first
 * one there is. Models that are gone are passed over; undefined when there are none.
 */
export function startingModel(
  models: readonly Candidate[],
  chosen: unknown,
  adminDefault: string | null | undefined,
): string | undefined {
  const known = new Set(models.map((model) => model.id));
  const mine = Array.isArray(chosen) ? chosen.filter((id): id is string => typeof id === 'string') : [];
  return [...mine, ...listed(adminDefault)].find((id) => known.has(id)) ?? models[0]?.id;
}
