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
 * The models that a new chat starts with: the person's last choice, otherwise the admin's default, otherwise the first
 * one there is. Models that are gone are passed over; none when there are none.
 */
export function startingModels(
  models: readonly Candidate[],
  chosen: unknown,
  adminDefault: string | null | undefined,
): string[] {
  const known = new Set(models.map((model) => model.id));
  const mine = Array.isArray(chosen) ? chosen.filter((id): id is string => typeof id === 'string') : [];
  const wanted = [mine, listed(adminDefault)].map((ids) => ids.filter((id) => known.has(id)));
  return wanted.find((ids) => ids.length > 0) ?? models.slice(0, 1).map((model) => model.id);
}

/** The first of them, where one model is asked. */
export function startingModel(...choice: Parameters<typeof startingModels>): string | undefined {
  return startingModels(...choice)[0];
}
