/** The contract's rule of who may use a thing: null is everybody, without rules its owner and admins. */
export type Access = {
  read?: { user_ids?: string[]; group_ids?: string[] };
  write?: { user_ids?: string[]; group_ids?: string[] };
  [key: string]: unknown;
} | null;

export type Audience = 'everyone' | 'private' | 'people';

/** Which of the three choices a rule is. */
export function audienceOf(access: Access | undefined): Audience {
  if (access === null || access === undefined) return 'everyone';
  const named = [access.read, access.write].some((rule) => rule?.user_ids?.length || rule?.group_ids?.length);
  return named ? 'people' : 'private';
}

/** The people whom a rule names, and whether they may change the thing too. */
export function peopleOf(access: Access | undefined): { id: string; write: boolean }[] {
  const readers = access?.read?.user_ids ?? [];
  const writers = access?.write?.user_ids ?? [];
  return [...new Set([...readers, ...writers])].map((id) => ({ id, write: writers.includes(id) }));
}

/** A rule that names these people; groups and unknown fields of the present rule stay. */
export function withPeople(access: Access | undefined, people: readonly { id: string; write: boolean }[]): Access {
  const kept = access ?? {};
  return {
    ...kept,
    read: { group_ids: [], ...kept.read, user_ids: people.map(({ id }) => id) },
    write: { group_ids: [], ...kept.write, user_ids: people.filter(({ write }) => write).map(({ id }) => id) },
  };
}
