import { NUMBERS, type NumberName } from '#lib/models/params.ts';

/** What Ollama calls the parameters that a model can be made with. */
const NAMES: Partial<Record<NumberName, string>> = {
  temperature: 'temperature',
  top_p: 'top_p',
  num_ctx: 'num_ctx',
  max_tokens: 'num_predict',
  seed: 'seed',
};

/** The numbers that a model can be made with, with their bounds. */
export const PARAMETERS = NUMBERS.filter(({ name }) => name in NAMES);

/** A model to be made of another one, as it stands in fields. */
export interface Draft {
  system: string;
  /** An input gives back a number where there is one. */
  numbers: Record<string, string | number | null>;
  /** One text on each line. */
  stop: string;
}

export const blankDraft = (): Draft => ({
  system: '',
  numbers: Object.fromEntries(PARAMETERS.map(({ name }) => [name, ''])),
  stop: '',
});

/** What a server is told to make of a model; what is empty stays as it is there. */
export function recipeOf(from: string, { system, numbers, stop }: Draft): Record<string, unknown> {
  const given = PARAMETERS.map(({ name }) => [NAMES[name], String(numbers[name] ?? '').trim()] as const);
  const lines = stop.split('\n').filter((line) => line.trim());
  const parameters = {
    ...Object.fromEntries(given.filter(([, typed]) => typed !== '').map(([name, typed]) => [name, Number(typed)])),
    ...(lines.length > 0 && { stop: lines }),
  };
  return {
    from,
    ...(system.trim() && { system: system.trim() }),
    ...(Object.keys(parameters).length > 0 && { parameters }),
  };
}
