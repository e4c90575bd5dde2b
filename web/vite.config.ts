import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { fileURLToPath } from 'node:url';
import type { Plugin, Rolldown } from 'vite';
import { defineConfig } from 'vitest/config';
import { icons } from './scripts/icons.js';

// The development server and the preview pass the API on to a running stack.
const origin = process.env.CIRRUS_ORIGIN ?? 'http://127.0.0.1:8080';
const proxy = {
  '^/(api|openai|ollama|health)(/|$)': { target: origin, changeOrigin: false },
  '/ws': { target: origin, ws: true, changeOrigin: false },
};

/** What somebody who is signed in sees first, and what a chat adds to it: each is one file. */
const TOGETHER = {
  first: [
    'routes/+layout.svelte',
    'routes/+error.svelte',
    'routes/(app)/+layout.svelte',
    'routes/(app)/(chat)/+layout.svelte',
    'routes/(app)/(chat)/+page.svelte',
  ],
  messages: ['lib/chats/view/MessageList.svelte'],
};

/** Modules that name a whole library: what of it a screen uses, the bundler finds out better. */
const BARREL = /\/node_modules\/bits-ui\//;

/**
 * What Kit's entry needs: it says where and which version the app is, and only then the rest may run. Within the file of
 * a screen it would bring that one along, which would not know the version and take every unknown address for a newer app.
 */
const ENTRY: Rolldown.CodeSplittingGroup = {
  name: 'entry',
  test: /\/kit\/src\/runtime\/client\/payload\.js$|vite\/preload-helper/,
  priority: 1,
};

/**
 * Puts all that a screen needs into one file, which is fetched along with the page. Left to itself the bundler makes
 * sixty small ones for the first, of which the browser hears in three rounds, one after the other.
 */
function screens(): Rolldown.CodeSplittingGroup {
  const names = new Map<string, string>();
  function add(name: string, id: string, context: Rolldown.ChunkingContext): void {
    if (names.has(id) || BARREL.test(id)) return;
    names.set(id, name);
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) add(name, imported, context);
  }
  return {
    name(id, context) {
      if (names.size === 0) {
        for (const [name, roots] of Object.entries(TOGETHER))
          for (const root of roots) add(name, fileURLToPath(new URL(`src/${root}`, import.meta.url)), context);
      }
      return names.get(id) ?? null;
    },
  };
}

/**
 * Kit builds every page for a server too. No page of this app is ever made on one, so that build gets them empty, which
 * halves the time.
 */
const nothingOnServer: Plugin = {
  name: 'nothing-on-server',
  apply: 'build',
  enforce: 'pre',
  load: {
    filter: { id: /\.svelte$/ },
    handler() {
      return this.environment.name === 'ssr' ? '' : null;
    },
  },
};

export default defineConfig({
  plugins: [
    nothingOnServer,
    tailwindcss(),
    sveltekit({
      compilerOptions: { runes: ({ filename }) => (filename.includes('node_modules') ? undefined : true) },
      preprocess: icons,
      adapter: adapter({ fallback: 'index.html' }),
      output: { bundleStrategy: 'split' },
      // The first screen comes first: `lib/installed/worker.ts` registers it when there is nothing better to do.
      serviceWorker: { register: false },
    }),
  ],
  server: { proxy },
  preview: { proxy },
  build: { target: 'es2022', rolldownOptions: { output: { codeSplitting: { groups: [ENTRY, screens()] } } } },
  worker: { format: 'es' },
  // Without isolation a module is evaluated once, not once for each of the files that test it: a third of the time.
  test: { include: ['src/**/*.test.ts'], environment: 'node', isolate: false },
});
