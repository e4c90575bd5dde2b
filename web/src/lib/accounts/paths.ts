import { resolve } from '$app/paths';

/** What is read of an address; the page's own is read-only. */
type Address = Pick<URL, 'pathname' | 'search' | 'hash' | 'origin'> & { searchParams: Pick<URLSearchParams, 'get'> };

/** Where to sign in, so that the page asked for opens afterwards. */
export function signInPath(url: Address) {
  const path = url.pathname + url.search + url.hash;
  return path === '/' ? resolve('sign-in') : (`${resolve('sign-in')}?next=${encodeURIComponent(path)}` as const);
}

/** The path to open after signing in. Only a path of this app: another site's address leads home. */
export function nextPath(url: Address): string {
  const next = url.searchParams.get('next') ?? '/';
  try {
    const target = new URL(next, url.origin);
    return next.startsWith('/') && target.origin === url.origin ? target.pathname + target.search + target.hash : '/';
  } catch {
    return '/';
  }
}
