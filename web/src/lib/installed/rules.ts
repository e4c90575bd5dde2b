/** What the service worker does with a request, and which files it keeps. */

/** Roots that the server answers: a page is never shown in their place (`infra/routes.py`). */
const SERVER = ['/api', '/openai', '/ollama', '/oauth', '/cache', '/health', '/manifest.json', '/ws'];

/** Everything here is named by a hash of its content. */
const BUILT = '/_app/immutable/';

export const isBuilt = (path: string): boolean => path.startsWith(BUILT);

/** Whether index.html is what the server would answer: as at the edge, names with a dot are files. */
export function isPage(path: string): boolean {
  if (SERVER.some((root) => path === root || path.startsWith(`${root}/`))) return false;
  return !path.slice(path.lastIndexOf('/') + 1).includes('.');
}

/**
 * The files that a page names in its head: those of the first screen, and the catalogs of some languages
 * (`scripts/budget.js` writes them there).
 */
export function filesOf(html: string, languages: readonly string[]): string[] {
  const links = html.match(/<link\s[^>]*>/g) ?? [];
  const wanted = links.filter((link) => {
    const language = /data-language="(\w+)"/.exec(link)?.[1];
    return language === undefined || languages.includes(language);
  });
  const files = wanted.map((link) => /href="([^"]+)"/.exec(link)?.[1] ?? '');
  return [...new Set(files.filter(isBuilt))];
}
