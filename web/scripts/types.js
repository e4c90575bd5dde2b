// Writes src/lib/api/schema.d.ts from the server's own OpenAPI document (`make openapi`).
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const source = new URL('../../build/openapi.json', import.meta.url);
const target = new URL('../src/lib/api/schema.d.ts', import.meta.url);

if (!existsSync(source)) {
  console.error('build/openapi.json is missing: run `make openapi` first.');
  process.exit(1);
}
const text = astToString(await openapiTS(JSON.parse(readFileSync(source, 'utf8'))));
if (!existsSync(target) || readFileSync(target, 'utf8') !== text) writeFileSync(target, text);
