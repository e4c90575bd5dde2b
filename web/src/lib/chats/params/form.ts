import { m } from '#lib/paraglide/messages.js';
import type { Params } from '../types.ts';

/** The parameters as they stand in fields. */
export interface Entered {
  system: string;
  temperature: string;
  top_p: string;
  max_tokens: string;
  seed: string;
  stop: string;
  reasoning_effort: string;
  custom: string;
}

const text = (value: unknown) => (value === undefined || value === null ? '' : String(value));

/** Fills the fields. */
export function entered(params: Params): Entered {
  const { custom_params: custom } = params;
  return {
    system: params.system ?? '',
    temperature: text(params.temperature),
    top_p: text(params.top_p),
    max_tokens: text(params.max_tokens),
    seed: text(params.seed),
    stop: (params.stop ?? []).join('\n'),
    reasoning_effort: params.reasoning_effort ?? '',
    custom: custom && Object.keys(custom).length > 0 ? JSON.stringify(custom, null, 2) : '',
  };
}

function customOf(json: string): Record<string, unknown> | undefined {
  if (!json.trim()) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Error(m.params_custom_wrong({ example: '{ "top_k": 40 }' }));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(m.params_custom_wrong({ example: '{ "top_k": 40 }' }));
  return value as Record<string, unknown>;
}

/** Reads the fields into `before`: an empty one leaves the parameter to folder, model and instance. Throws in words. */
export function paramsOf(fields: Entered, before: Params): Params {
  const number = (value: string | number) => (String(value).trim() === '' ? undefined : Number(value));
  const stop = fields.stop.split('\n').filter(Boolean);
  const changed: Record<keyof Omit<Entered, 'custom'> | 'custom_params', unknown> = {
    system: fields.system.trim() || undefined,
    temperature: number(fields.temperature),
    top_p: number(fields.top_p),
    max_tokens: number(fields.max_tokens),
    seed: number(fields.seed),
    stop: stop.length > 0 ? stop : undefined,
    reasoning_effort: fields.reasoning_effort || undefined,
    custom_params: customOf(fields.custom),
  };
  const all = Object.entries({ ...before, ...changed });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined && value !== null)) as Params;
}
