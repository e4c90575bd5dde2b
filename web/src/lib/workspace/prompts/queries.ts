import { queryOptions } from '@tanstack/svelte-query';
import { api, call, type Schemas } from '#lib/api/client.ts';
import { queryClient } from '#lib/api/queries.ts';
import { saveFile } from '#lib/ui/save.ts';
import type { Access } from '../access.ts';

/** A text that `/command` puts into the composer. */
export type Prompt = { command: string; title: string; content: string; access_control: Access };
export type OwnedPrompt = Prompt & { timestamp: number; user?: { name: string } | null };

const plain = (command: string) => command.replace(/^\//, '');
const at = (command: string) => ({ params: { path: { command: plain(command) } } });
const body = (prompt: Prompt) => prompt as Schemas['PromptForm'];

/** The prompts this person may change. */
export const promptsQuery = queryOptions({
  queryKey: ['workspace', 'prompts'],
  queryFn: ({ signal }) => call(api.GET('/api/v1/prompts/list', { signal })) as Promise<OwnedPrompt[]>,
});

async function reread(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['workspace', 'prompts'] }),
    queryClient.invalidateQueries({ queryKey: ['prompts'] }),
  ]);
}

export async function createPrompt(prompt: Prompt): Promise<void> {
  await call(api.POST('/api/v1/prompts/create', { body: body(prompt) }));
  await reread();
}

/** Replaces the prompt that was called `command`. */
export async function updatePrompt(command: string, prompt: Prompt): Promise<void> {
  await call(api.POST('/api/v1/prompts/command/{command}/update', { ...at(command), body: body(prompt) }));
  await reread();
}

export async function deletePrompt(command: string): Promise<void> {
  await call(api.DELETE('/api/v1/prompts/command/{command}/delete', at(command)));
  await reread();
}

export function exportPrompts(prompts: readonly Prompt[], name: string): void {
  saveFile(new Blob([JSON.stringify(prompts)], { type: 'application/json' }), name);
}

/** Takes prompts in from a file; those whose command is taken are left as they are. Returns how many came in. */
export async function importPrompts(file: File, known: readonly string[], failure: string): Promise<number> {
  let prompts: unknown;
  try {
    prompts = JSON.parse(await file.text());
  } catch {
    throw new Error(failure);
  }
  if (!Array.isArray(prompts)) throw new Error(failure);
  const taken = known.map(plain);
  const added = (prompts as Prompt[]).filter((prompt) => prompt.command && !taken.includes(plain(prompt.command)));
  for (const { command, title, content, access_control } of added) {
    const prompt = { command, title, content, access_control: access_control ?? null };
    await call(api.POST('/api/v1/prompts/create', { body: body(prompt) }));
  }
  await reread();
  return added.length;
}
