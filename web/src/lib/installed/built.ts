/** Files that the build names by their content. */
export const BUILT_CACHE = 'cirrus-built';

/** The page of one version of the app. */
export const shellCache = (version: string): string => `cirrus-shell-${version}`;

/** Keeps files of the build, which the browser mostly has already from showing them. */
export async function keepBuilt(files: Iterable<string>): Promise<void> {
  const cache = await caches.open(BUILT_CACHE);
  const missing = await Promise.all([...new Set(files)].map(async (file) => ((await cache.match(file)) ? [] : file)));
  await cache.addAll(missing.flat());
}
