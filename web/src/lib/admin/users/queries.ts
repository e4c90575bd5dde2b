import { keepPreviousData, queryOptions } from '@tanstack/svelte-query';
import { api, call } from '#lib/api/client.ts';
import { queryClient } from '#lib/api/queries.ts';
import type { paths } from '#lib/api/schema.d.ts';
import type { Sort } from '#lib/ui/table.ts';

/** How many people the server puts on a page. */
export const PAGE_SIZE = 30;

export type Role = 'admin' | 'user' | 'pending';

/** What the list of people is asked for; pages count from 1. */
export type UserFilter = { query: string; sort: Sort; page: number };

/** A page of people and how many match. */
export const usersQuery = ({ query, sort, page }: UserFilter) =>
  queryOptions({
    queryKey: ['admin', 'users', { query, sort, page }],
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/users/', {
          params: { query: { query: query || undefined, order_by: sort.key, direction: sort.direction, page } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

export type Person = paths['/api/v1/users/']['get']['responses'][200]['content']['application/json']['users'][number];

/** Reads the list again after a change. */
export function refreshUsers(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ['admin', 'users'] });
}

/** Changes somebody's account; a password left empty stays. */
export async function updateUser(
  person: Pick<Person, 'id' | 'profile_image_url'>,
  form: { name: string; email: string; role: Role; password: string },
): Promise<void> {
  const { password, ...rest } = form;
  const body = { ...rest, profile_image_url: person.profile_image_url, ...(password ? { password } : {}) };
  await call(api.POST('/api/v1/users/{user_id}/update', { params: { path: { user_id: person.id } }, body }));
  await refreshUsers();
}

/** Makes an account for somebody. */
export async function addUser(form: { name: string; email: string; role: Role; password: string }): Promise<void> {
  await call(api.POST('/api/v1/auths/add', { body: { ...form, profile_image_url: '/user.png' } }));
  await refreshUsers();
}

/** Removes somebody and everything of theirs. */
export async function deleteUser(id: string): Promise<void> {
  await call(api.DELETE('/api/v1/users/{user_id}', { params: { path: { user_id: id } } }));
  await refreshUsers();
}
