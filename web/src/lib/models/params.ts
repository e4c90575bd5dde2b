import { m } from '#lib/paraglide/messages.js';

/** System prompt and parameters of one level: the server, a model, a folder, a chat. What is absent another decides. */
export interface Params {
  system?: string;
  temperature?: number;
  top_p?: number;
  max_tokens?: number;
  seed?: number;
  frequency_penalty?: number;
  num_ctx?: number;
  stop?: string[];
  reasoning_effort?: string;
  custom_params?: Record<string, unknown>;
  [key: string]: unknown;
}

/** The numbers that can be set, with their bounds. */
export const NUMBERS = [
  { name: 'temperature', min: 0, max: 2, step: 0.05 },
  { name: 'top_p', min: 0, max: 1, step: 0.05 },
  { name: 'max_tokens', min: 1, max: 10_000_000, step: 1 },
  { name: 'seed', min: -2_147_483_648, max: 2_147_483_647, step: 1 },
  { name: 'frequency_penalty', min: -2, max: 2, step: 0.1 },
  { name: 'num_ctx', min: 256, max: 100_000_000, step: 1 },
] as const;

export type NumberName = (typeof NUMBERS)[number]['name'];

/** What the numbers are called. */
export const numberLabels: Record<NumberName, () => string> = {
  temperature: m.param_temperature,
  top_p: m.param_top_p,
  max_tokens: m.param_max_tokens,
  seed: m.param_seed,
  frequency_penalty: m.param_frequency_penalty,
  num_ctx: m.param_num_ctx,
};

/** Parameters as they stand in fields. */
export interface Entered {
  system: string;
  /** An input gives back a number where there is one. */
  numbers: Record<NumberName, string | number>;
  /** One text on each line. */
  stop: string;
  effort: string;
  custom: string;
}

/** What other parameters look like. */
const EXAMPLE = '{ "top_k": 40 }';

const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** Fills the fields. */
export function entered(params: Params): Entered {
  const { system, stop, reasoning_effort, custom_params: custom } = params;
  return {
    system: text(system),
    numbers: Object.fromEntries(NUMBERS.map(({ name }) => [name, text(params[name])])) as Entered['numbers'],
    stop: Array.isArray(stop) ? stop.join('\n') : text(stop),
    effort: text(reasoning_effort),
    custom: custom && Object.keys(custom).length > 0 ? JSON.stringify(custom, null, 2) : '',
  };
}

/** What is wrong with the field of other parameters, in words; empty when nothing is. */
export function customProblem(source: string): string {
  if (!source.trim()) return '';
  try {
    const value: unknown = JSON.parse(source);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return '';
  } catch {
    // Said below.
  }
  return m.param_custom_broken({ example: EXAMPLE });
}

/** Reads the fields into `before`: an empty one leaves the parameter to other levels. Throws in words. */
export function paramsOf(fields: Entered, before: Params): Params {
  const problem = customProblem(fields.custom);
  if (problem) throw new Error(problem);
  const number = (value: string | number | null | undefined) => {
    const typed = String(value ?? '').trim();
    return typed === '' || Number.isNaN(Number(typed)) ? undefined : Number(typed);
  };
  const stop = fields.stop.split('\n').filter((line) => line.trim());
  const changed = {
    ...before,
    system: fields.system.trim() || undefined,
    ...Object.fromEntries(NUMBERS.map(({ name }) => [name, number(fields.numbers[name])])),
    stop: stop.length > 0 ? stop : undefined,
    reasoning_effort: fields.effort || undefined,
    custom_params: fields.custom.trim() ? (JSON.parse(fields.custom) as Record<string, unknown>) : undefined,
  };
  const all = Object.entries(changed);
  return Object.fromEntries(all.filter(([, value]) => value !== undefined && value !== null)) as Params;
}
