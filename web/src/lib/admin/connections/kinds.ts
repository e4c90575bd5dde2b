import { m } from '#lib/paraglide/messages.js';
import type { Kind } from './connections.ts';

/** The protocols with what they are for. */
export function kindOptions(): { value: Kind; label: string; hint: string }[] {
  return [
    { value: 'openai', label: m.kind_openai(), hint: m.kind_openai_hint() },
    { value: 'azure', label: 'Azure OpenAI', hint: m.kind_azure_hint() },
    { value: 'anthropic', label: 'Anthropic', hint: m.kind_anthropic_hint() },
    { value: 'gemini', label: 'Google Gemini', hint: m.kind_gemini_hint() },
  ];
}

export const kindName = (kind: Kind): string => kindOptions().find(({ value }) => value === kind)?.label ?? kind;
