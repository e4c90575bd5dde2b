import { goto } from '$app/navigation';
import { resolve } from '$app/paths';
import { setMode } from 'mode-watcher';
import { signOut } from '#lib/accounts/queries.ts';
import { rememberModel, type Model } from '#lib/models/queries.ts';
import { m } from '#lib/paraglide/messages.js';
import { notify, notifyError } from '#lib/ui/toast.ts';
import { pages, places } from './pages.ts';
import type { Action } from './shortcuts.svelte.ts';

/** What can be done anywhere, besides the actions of the screen. */
export function doing(): Action[] {
  return [
    { id: 'theme-light', label: m.palette_theme({ theme: m.theme_light() }), run: () => setMode('light') },
    { id: 'theme-dark', label: m.palette_theme({ theme: m.theme_dark() }), run: () => setMode('dark') },
    { id: 'theme-system', label: m.palette_theme({ theme: m.theme_system() }), run: () => setMode('system') },
    { id: 'sign-out', label: m.accounts_sign_out(), run: () => void signOut() },
  ];
}

/** The pages this person may open. */
export function going(admin: boolean): Action[] {
  return [...places(admin), ...pages(admin)].map(({ href, label, keywords }) => ({
    id: href,
    label,
    keywords,
    run: () => void goto(href),
  }));
}

/** The models, to begin new chats with. */
export function choosing(models: readonly Model[]): Action[] {
  return models.map(({ id, name }) => ({
    id: `model:${id}`,
    label: name,
    keywords: [id],
    run: () => choose(id, name),
  }));
}

function choose(id: string, name: string): void {
  rememberModel(id).then(
    () => notify(m.models_remembered({ name })),
    (error: unknown) => notifyError(m.models_remember_failed(), error),
  );
  void goto(resolve(''));
}

/** The actions that every word is found in, by their label or keywords; those whose label begins with it first. */
export function filterActions(list: readonly Action[], query: string): Action[] {
  const words = query.toLocaleLowerCase().split(/\s+/u).filter(Boolean);
  const all = (action: Action) => [action.label, ...(action.keywords ?? [])].join(' ').toLocaleLowerCase();
  const rank = (action: Action) => (action.label.toLocaleLowerCase().startsWith(words[0] ?? '') ? 0 : 1);
  return list
    .filter((action) => words.every((word) => all(action).includes(word)))
    .sort((a, b) => (words.length ? rank(a) - rank(b) : 0));
}
