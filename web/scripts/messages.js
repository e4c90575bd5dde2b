// Writes src/lib/paraglide/ from messages/: English as one module for each message, so that each chunk of the app has
// what it uses, and every other language as one catalog, which only those who read it load.
import { loadProjectFromDirectory } from '@inlang/sdk';
import { compileProject, writeOutput } from '@inlang/paraglide-js';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const directory = fileURLToPath(new URL('../src/lib/paraglide', import.meta.url));
const path = fileURLToPath(new URL('../project.inlang', import.meta.url));

// Reading the catalogs takes seconds: not where nothing has changed.
const messages = new URL('../messages/', import.meta.url);
const sources = fs.readdirSync(messages).map((name) => new URL(name, messages));
const hash = createHash('sha256');
for (const source of [...sources, `${path}/settings.json`, fileURLToPath(import.meta.url)]) {
  hash.update(fs.readFileSync(source));
}
const made = `${directory}/made-from`;
const digest = hash.digest('hex');
if (fs.existsSync(made) && fs.readFileSync(made, 'utf8') === digest) process.exit();

const project = await loadProjectFromDirectory({ path, fs });
const problems = await project.errors.get();
if (problems.length > 0) throw new AggregateError(problems, 'The messages cannot be read.');
const settings = await project.settings.get();
const others = settings.locales.filter((locale) => locale !== settings.baseLocale);

/** @param {'message-modules' | 'locale-modules'} outputStructure */
const compiled = (outputStructure) =>
  compileProject({ project, compilerOptions: { outputStructure, emitReadme: false } });

/** What every language but English is loaded from. */
const catalogs = await compiled('locale-modules');
await project.settings.set({ ...settings, locales: [settings.baseLocale] });
const output = await compiled('message-modules');
await project.close();

// A message asks the catalog in use first.
const CHOICE = /\texperimentalStaticLocale \?\? options\.locale \?\? getLocale\(\)\n\treturn (en_(\w+))\(inputs\)/;
const RUNTIME = "import { getLocale, experimentalStaticLocale } from '../runtime.js';";
for (const [name, text] of Object.entries(output)) {
  if (!/^messages\/(?!_index).*\.js$/.test(name)) continue;
  if (!CHOICE.test(text) || !text.includes(RUNTIME)) throw new Error(`${name} is not made as this script knows it.`);
  output[name] = text
    .replace(RUNTIME, "import { catalog } from '../catalog.js';")
    .replace(CHOICE, '\treturn (catalog.$2 ?? $1)(inputs)');
}

// Paraglide names English where a catalog has no text; the message itself does that here.
for (const locale of others) {
  const catalog = catalogs[`messages/${locale}.js`] ?? '';
  output[`catalogs/${locale}.js`] = `// @ts-nocheck\n${catalog.replace(/^(export \{|\/\*\* @typedef ).*\n?/gm, '')}`;
}
output['catalog.js'] = `/* eslint-disable */
/** The messages of the language in use; none for English. @type {Record<string, (inputs: any) => any>} */
export const catalog = {};

/** Where the messages of the other languages are. @type {Record<string, () => Promise<Record<string, unknown>>>} */
export const catalogs = {
${others.map((locale) => `\t${locale}: () => import('./catalogs/${locale}.js'),`).join('\n')}
};
`;
output['made-from'] = digest;
await writeOutput({ directory, output, cleanDirectory: true, fs: fs.promises });
