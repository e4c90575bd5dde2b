import type { Access } from '../access.ts';

/** A model that somebody made, in the contract's shape. */
export type Preset = {
  id: string;
  base_model_id: string | null;
  name: string;
  params: Record<string, unknown>;
  meta: {
    profile_image_url?: string | null;
    description?: string | null;
    capabilities?: Record<string, unknown> | null;
    suggestion_prompts?: { title?: string[]; content: string }[] | null;
    tags?: { name: string }[];
    hidden?: boolean;
    [key: string]: unknown;
  };
  access_control: Access;
  is_active: boolean;
};

/** The numbers that can be set, by the contract's names, with their bounds. */
export const NUMBERS = [
  { name: 'temperature', min: 0, max: 2, step: 0.1 },
  { name: 'top_p', min: 0, max: 1, step: 0.05 },
  { name: 'max_tokens', min: 1, max: 10_000_000, step: 1 },
  { name: 'seed', min: -2_147_483_648, max: 2_147_483_647, step: 1 },
  { name: 'frequency_penalty', min: -2, max: 2, step: 0.1 },
  { name: 'num_ctx', min: 256, max: 100_000_000, step: 1 },
] as const;

export type NumberName = (typeof NUMBERS)[number]['name'];

/** What a model can do, as far as the app asks. */
export const CAPABILITIES = [
  'vision',
  'file_upload',
  'web_search',
  'image_generation',
  'code_interpreter',
  'usage',
  'citations',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** A preset as its editor holds it: numbers and lists as they are typed. */
export type Draft = {
  id: string;
  base: string;
  name: string;
  description: string;
  icon: string;
  system: string;
  numbers: Record<NumberName, string>;
  stop: string;
  effort: string;
  custom: string;
  capabilities: Record<Capability, boolean>;
  suggestions: string[];
  tags: string;
  hidden: boolean;
  access: Access;
};

const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

export function toDraft(preset: Preset): Draft {
  const { params, meta } = preset;
  return {
    id: preset.id,
    base: preset.base_model_id ?? '',
    name: preset.name,
    description: meta.description ?? '',
    icon: meta.profile_image_url ?? '',
    system: text(params.system),
    numbers: Object.fromEntries(NUMBERS.map(({ name }) => [name, text(params[name])])) as Draft['numbers'],
    stop: Array.isArray(params.stop) ? params.stop.join(', ') : text(params.stop),
    effort: text(params.reasoning_effort),
    custom: params.custom_params ? JSON.stringify(params.custom_params, null, 2) : '',
    capabilities: Object.fromEntries(
      CAPABILITIES.map((name) => [name, meta.capabilities?.[name] !== false]),
    ) as Draft['capabilities'],
    suggestions: (meta.suggestion_prompts ?? []).map((prompt) => prompt.content),
    tags: (meta.tags ?? []).map((tag) => tag.name).join(', '),
    hidden: meta.hidden ?? false,
    access: preset.access_control ?? null,
  };
}

/** What further parameters look like. */
export const OBJECT = '{"name": value}';

/** The object in a text; undefined when it is none. */
export function objectIn(source: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(source);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const words = (source: string) => [...new Set(source.split(',').map((word) => word.trim()))].filter(Boolean);

/** A preset with what was entered; fields that the editor does not show stay as they were. */
export function fromDraft(draft: Draft, before: Preset): Preset {
  const params: Record<string, unknown> = { ...before.params };
  const set = (name: string, value: unknown) => {
    if (value === '' || value === undefined || (Array.isArray(value) && !value.length)) delete params[name];
    else params[name] = value;
  };
  set('system', draft.system.trim());
  for (const { name } of NUMBERS) {
    const typed = String(draft.numbers[name] ?? '').trim();
    set(name, typed === '' || Number.isNaN(Number(typed)) ? '' : Number(typed));
  }
  set('stop', words(draft.stop));
  set('reasoning_effort', draft.effort);
  set('custom_params', draft.custom.trim() ? objectIn(draft.custom) : '');
  const kept = before.meta.suggestion_prompts ?? [];
  return {
    id: draft.id.trim(),
    base_model_id: draft.base || null,
    name: draft.name.trim(),
    params,
    meta: {
      ...before.meta,
      profile_image_url: draft.icon || null,
      description: draft.description.trim() || null,
      capabilities: { ...before.meta.capabilities, ...draft.capabilities },
      suggestion_prompts: draft.suggestions
        .map((content) => content.trim())
        .filter(Boolean)
        .map((content) => kept.find((prompt) => prompt.content === content) ?? { content }),
      tags: words(draft.tags).map((name) => ({ name })),
      hidden: draft.hidden,
    },
    access_control: draft.access,
    is_active: before.is_active,
  };
}

export const blank = (): Preset => ({
  id: '',
  base_model_id: null,
  name: '',
  params: {},
  meta: {},
  access_control: {},
  is_active: true,
});

/** An id made of a name: what may stand in an address. */
export function idOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}.:]+/gu, '-')
    .replace(/^-+|-+$/g, '');
}
