// The first page of a signed-in person: has index.html name all of its JavaScript and the catalogs of its languages, so
// that nothing of it is found out about only when something before it has run; measures it, and fails over the budget. `--verbose` lists the files.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_KB = 150;
const client = new URL('../.svelte-kit/output/client/', import.meta.url);
const generated = new URL('../.svelte-kit/generated/build/client-optimized/nodes/', import.meta.url);
/** @type {Record<string, { file: string, name: string, imports?: string[], css?: string[] }>} */
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', client), 'utf8'));

/** The pages whose first visit counts: the shell around a chat, and both kinds of chat page. */
const PAGES = [
  '(app)/(chat)/+page.svelte',
  '(app)/(chat)/c/[id]/+page.svelte',
  '(app)/+page.svelte',
  '(app)/c/[id]/+page.svelte',
];
const SHELL = ['+layout.svelte', '+error.svelte', '(app)/+layout.svelte', '(app)/(chat)/+layout.svelte'];
const ENTRIES = ['entry/start', 'client-entry', 'entry/app'];

/** The manifest key of each route file; Kit wraps every one of them in a numbered node. */
const nodes = new Map(
  readdirSync(generated).flatMap((name) => {
    const source = /src\/routes\/([^"']+\.svelte)/.exec(readFileSync(new URL(name, generated), 'utf8'))?.[1];
    const key = Object.keys(manifest).find((candidate) => candidate.endsWith(`client-optimized/nodes/${name}`));
    return source && key ? [[source, key]] : [];
  }),
);

/**
 * Everything that modules need before they can run.
 * @param {string[]} keys
 * @param {Set<string>} found
 */
function closure(keys, found = new Set()) {
  for (const key of keys) {
    if (found.has(key)) continue;
    found.add(key);
    closure(manifest[key]?.imports ?? [], found);
  }
  return found;
}

const entries = Object.keys(manifest).filter((key) => ENTRIES.includes(manifest[key]?.name ?? ''));
let worst = 0;
/** @type {Set<string>} */
const first = new Set();
for (const page of PAGES.filter((source) => nodes.has(source))) {
  const roots = [...SHELL, page].flatMap((source) => nodes.get(source) ?? []);
  const files = [...closure([...entries, ...roots])]
    .map((key) => manifest[key]?.file ?? '')
    .filter((f) => f.endsWith('.js'));
  /** @type {[string, number][]} */
  const sizes = [...new Set(files)].map((file) => [file, gzipSync(readFileSync(new URL(file, client))).length]);
  const kb = sizes.reduce((sum, [, size]) => sum + size, 0) / 1024;
  worst = Math.max(worst, kb);
  for (const file of files) first.add(file);
  console.log(`${page}: ${kb.toFixed(1)} KB gzip in ${sizes.length} files (budget ${BUDGET_KB} KB)`);
  if (process.argv.includes('--verbose')) {
    for (const [file, size] of sizes.sort((a, b) => b[1] - a[1]))
      console.log(`  ${(size / 1024).toFixed(1)} KB ${file}`);
  }
}
if (worst === 0 || entries.length !== ENTRIES.length) {
  console.error('The build names no entry or no page that this script knows: has its layout changed?');
  process.exit(1);
}

const index = new URL('../build/index.html', import.meta.url);
const html = readFileSync(index, 'utf8');
/** The catalog of each language, which the page's own script asks for where it is that person's. */
const catalogs = Object.keys(manifest).flatMap((key) => {
  const language = /paraglide\/catalogs\/(\w+)\.js$/.exec(key)?.[1];
  return language ? [`<link data-language="${language}" href="/${manifest[key]?.file}">`] : [];
});
/** What the page of a chat shows its messages with; the page's own script asks for it there. */
const messages = Object.values(manifest).find(({ name }) => name === 'messages');
if (catalogs.length === 0 || !messages || !html.includes('<script>')) {
  console.error('The build has no catalog, no chunk of messages, or the page no script of its own: has it changed?');
  process.exit(1);
}
const ofChats = [
  `<link data-chat="modulepreload" href="/${messages.file}">`,
  ...(messages.css ?? []).map((file) => `<link data-chat="preload" as="style" href="/${file}">`),
];
// All of it stands before the page's own script, so that it is on its way while that script waits for its storage; and
// the style sheets are asked for with it, though they take effect after the script, which would wait for them too.
const scripts = [...first].map((file) => `<link rel="modulepreload" href="/${file}">`);
const sheets = [...html.matchAll(/<link href="(\S+?)" rel="stylesheet">/g)].map(
  ([, href]) => `<link rel="preload" as="style" href="${href}">`,
);
writeFileSync(
  index,
  html
    .replace(/\s*<link href="\S+?" rel="modulepreload">/g, '')
    .replace('<script>', `${[...scripts, ...sheets, ...catalogs, ...ofChats].join('\n')}\n<script>`),
);

if (worst > BUDGET_KB) {
  console.error(`The first page is ${(worst - BUDGET_KB).toFixed(1)} KB over its budget. Load something later.`);
  process.exit(1);
}
