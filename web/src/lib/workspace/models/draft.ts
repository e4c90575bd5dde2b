import type { MessageFile } from '#lib/chats/types.ts';
import { entered, paramsOf, type Entered, type Params } from '#lib/models/params.ts';
import type { Access } from '../access.ts';

/** A model that somebody made, in the contract's shape. */
export type Preset = {
  id: string;
  base_model_id: string | null;
  name: string;
  params: Params;
  meta: {
    profile_image_url?: string | null;
    description?: string | null;
    capabilities?: Record<string, unknown> | null;
    suggestion_prompts?: { title?: string[]; content: string }[] | null;
    tags?: { name: string }[];
    hidden?: boolean;
    /** What answers draw on. */
    knowledge?: MessageFile[] | null;
    [key: string]: unknown;
  };
  access_control: Access;
  is_active: boolean;
};

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

/** A preset as its editor holds it: parameters and lists as they are typed. */
export type Draft = {
  id: string;
  base: string;
  name: string;
  description: string;
  icon: string;
  params: Entered;
  capabilities: Record<Capability, boolean>;
  suggestions: string[];
  tags: string;
  hidden: boolean;
  knowledge: MessageFile[];
  access: Access;
};

export function toDraft(preset: Preset): Draft {
  const { params, meta } = preset;
  return {
    id: preset.id,
    base: preset.base_model_id ?? '',
    name: preset.name,
    description: meta.description ?? '',
    icon: meta.profile_image_url ?? '',
    params: entered(params),
    capabilities: Object.fromEntries(
      CAPABILITIES.map((name) => [name, meta.capabilities?.[name] !== false]),
    ) as Draft['capabilities'],
    suggestions: (meta.suggestion_prompts ?? []).map((prompt) => prompt.content),
    tags: (meta.tags ?? []).map((tag) => tag.name).join(', '),
    hidden: meta.hidden ?? false,
    knowledge: meta.knowledge ?? [],
    access: preset.access_control ?? null,
  };
}

const words = (source: string) => [...new Set(source.split(',').map((word) => word.trim()))].filter(Boolean);

/** A preset with what was entered; fields that the editor does not show stay as they were. Throws in words. */
export function fromDraft(draft: Draft, before: Preset): Preset {
  const kept = before.meta.suggestion_prompts ?? [];
  return {
    id: draft.id.trim(),
    base_model_id: draft.base || null,
    name: draft.name.trim(),
    params: paramsOf(draft.params, before.params),
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
      knowledge: draft.knowledge.length > 0 ? draft.knowledge : null,
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
