import { queryOptions } from '@tanstack/svelte-query';
import { api, call } from '#lib/api/client.ts';
import { ApiError } from '#lib/api/errors.ts';
import { forgetKept, keepAgain, kept } from '#lib/api/kept.ts';
import { queryClient } from '#lib/api/queries.ts';
import type { paths } from '#lib/api/schema.d.ts';
import { changeSettings } from '#lib/settings/change.ts';

type Json<Operation> = Operation extends { responses: { 200: { content: { 'application/json': infer Body } } } }
  ? Body
  : never;
export type Session = Json<paths['/api/v1/auths/']['get']>;
export type Config = Json<paths['/api/config']['get']>;
export type Settings = Json<paths['/api/v1/users/user/settings']['get']>;

const SESSION = ['session'] as const;
const CONFIG = ['config'] as const;
const SETTINGS = ['settings'] as const;

/** Without the token: the cookie signs requests and the socket in, and no script should see it. */
async function fetchSession(): Promise<Session | null> {
  try {
    const session = await call(api.GET('/api/v1/auths/'));
    const before = queryClient.getQueryData<Session | null>(SESSION);
    if (before && before.id !== session.id) await startOver();
    return { ...session, token: '' };
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: SESSION,
  queryFn: fetchSession,
  staleTime: 5 * 60_000,
  ...kept<Session | null>(SESSION),
});

/** What the server offers; says more once somebody is signed in. */
export const configQuery = queryOptions({
  queryKey: CONFIG,
  queryFn: () => call(api.GET('/api/config')),
  staleTime: 5 * 60_000,
  ...kept<Config>(CONFIG),
});

/** Whether an admin lets a model offer how to go on while a question is written. */
export function offersCompletion(config: Config | undefined): boolean {
  const features = config?.features as { enable_autocomplete_generation?: boolean | null } | undefined;
  return features?.enable_autocomplete_generation === true;
}

/** Whether an admin lets shared chats be opened without an account. */
export function opensShares(config: Config | undefined): boolean {
  const features = config?.features as { enable_public_shares?: boolean | null } | undefined;
  return features?.enable_public_shares === true;
}

/** What this person chose, on every device. */
export const settingsQuery = queryOptions({
  queryKey: SETTINGS,
  queryFn: async () => (await call(api.GET('/api/v1/users/user/settings'))) ?? { ui: {} },
  staleTime: 5 * 60_000,
  ...kept<NonNullable<Settings>>(SETTINGS),
});

/** The browser's session is somebody else's now: nothing of the one before stays on screen or on this device. */
async function startOver(): Promise<void> {
  await forgetKept();
  location.reload();
}

/** Starts a session in this tab with what the server answered to a sign-in. */
async function begin(session: Session): Promise<void> {
  await forgetKept();
  keepAgain();
  queryClient.clear();
  queryClient.setQueryData(SESSION, { ...session, token: '' });
  // What the page asked before anybody was signed in: its answer (nobody) waits for the next who asks the same.
  void fetch('/api/v1/auths/').catch(() => undefined);
}

export async function signIn(form: { email: string; password: string }): Promise<Session> {
  const session = (await call(api.POST('/api/v1/auths/signin', { body: form }))) as Session;
  await begin(session);
  return session;
}

export async function signUp(form: { name: string; email: string; password: string }): Promise<Session> {
  const body = { ...form, profile_image_url: '/user.png' };
  const session = (await call(api.POST('/api/v1/auths/signup', { body }))) as Session;
  await begin(session);
  return session;
}

/** Ends the session here, or on every device. A new page load leaves nothing of it in memory. */
export async function signOut({ everywhere = false } = {}): Promise<void> {
  await call(everywhere ? api.POST('/api/v1/auths/signout/all') : api.GET('/api/v1/auths/signout'));
  await forgetKept();
  location.assign('/sign-in');
}

/** Marks that the session has ended elsewhere: the shell then asks to sign in. */
export function sessionEnded(): void {
  void forgetKept();
  queryClient.setQueryData(SESSION, null);
}

/** Changes some of this person's own settings, at once on screen and then on the server. */
export async function saveSettings(change: Record<string, unknown>): Promise<void> {
  // Without what is stored already, the change would replace it.
  await queryClient.ensureQueryData(settingsQuery);
  await changeSettings<NonNullable<Settings>>(
    SETTINGS,
    ({ ui }) => ({ ui: { ...ui, ...change } }),
    ({ ui }) => call(api.POST('/api/v1/users/user/settings/update', { body: { ui } })),
  );
}

/** Whom to ask for access, where the admin lets people know; null otherwise. */
export const adminDetailsQuery = queryOptions({
  queryKey: ['admin-details'],
  queryFn: async () => {
    try {
      return await call(api.GET('/api/v1/auths/admin/details'));
    } catch (error) {
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) return null;
      throw error;
    }
  },
});

/** Changes some of one's own profile. The server replaces it whole, so the rest goes along. */
export async function saveProfile(change: { name?: string; profile_image_url?: string }): Promise<void> {
  const session = queryClient.getQueryData(sessionQuery.queryKey);
  if (!session) return;
  const { name, profile_image_url, bio, gender, date_of_birth } = { ...session, ...change };
  const body = { name, profile_image_url, bio, gender, date_of_birth };
  const person = await call(api.POST('/api/v1/auths/update/profile', { body }));
  const next: Session = { ...session, name: person.name, profile_image_url: person.profile_image_url };
  queryClient.setQueryData<Session | null>(SESSION, next);
}

/** The API key, masked; null when there is none. */
export const apiKeyQuery = queryOptions({
  queryKey: ['api-key'],
  queryFn: async () => {
    try {
      return (await call(api.GET('/api/v1/auths/api_key'))).api_key ?? null;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  },
});
