/** What a variable of a prompt is asked for with. */
export interface Variable {
  name: string;
  type: string;
  required: boolean;
  placeholder: string;
  initial: string;
  options: string[];
  /** Limits such as `min` and `step`, for the control. */
  limits: Record<string, string>;
}

const VARIABLE = /\{\{\s*([^{}|]+?)\s*(?:\|\s*((?:"[^"]*"|[^{}"])*?)\s*)?\}\}/g;
const TYPES = ['text', 'textarea', 'select', 'checkbox', 'number', 'range', 'date', 'datetime-local', 'month', 'time', 'email', 'tel', 'url', 'color']; // prettier-ignore
const LIMITS = ['min', 'max', 'step', 'maxlength', 'minlength', 'pattern'];

/** What is filled in without asking; everything else in capitals is known to the server or asked for. */
export type Known = Record<string, () => string | Promise<string>>;

/** Splits at colons that stand neither in quotes nor in brackets. */
function parts(definition: string): string[] {
  return definition.match(/(?:"[^"]*"|\[[^\]]*\]|[^:])+/g) ?? [];
}

const unquoted = (value: string) => value.trim().replace(/^"(.*)"$/s, '$1');

function optionsOf(list: string): string[] {
  try {
    const values: unknown = JSON.parse(list);
    return Array.isArray(values) ? values.map(String) : [];
  } catch {
    return list.replace(/^\[|\]$/g, '').split(',').map(unquoted).filter(Boolean); // prettier-ignore
  }
}

function variable(name: string, definition: string | undefined): Variable {
  const [type = 'text', ...rest] = parts(definition ?? '').map((part) => part.trim());
  const given = new Map(
    rest.map((part): [string, string] => {
      const at = part.indexOf('=');
      return at === -1 ? [part, ''] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    }),
  );
  const options = optionsOf(given.get('options') ?? '[]');
  const initial = unquoted(given.get('default') ?? '');
  return {
    name,
    type: TYPES.includes(type) ? type : 'text',
    required: given.has('required') && given.get('required') !== 'false',
    placeholder: unquoted(given.get('placeholder') ?? ''),
    initial: initial || (type === 'select' ? (options[0] ?? '') : type === 'checkbox' ? 'false' : ''),
    options,
    limits: Object.fromEntries(
      LIMITS.flatMap((limit) => (given.has(limit) ? [[limit, unquoted(given.get(limit)!)]] : [])),
    ),
  };
}

/** The variables of a prompt that a person is asked for, each once: `{{name | select:options=["a","b"]:default="a"}}`. */
export function variablesOf(content: string, known: Known): Variable[] {
  const found = new Map<string, Variable>();
  for (const [, name, definition] of content.matchAll(VARIABLE)) {
    if (!name || name in known) continue;
    if (!found.has(name) || definition) found.set(name, variable(name, definition));
  }
  return [...found.values()];
}

/** The prompt with its variables filled in; what nobody gave a value for stays as it is. */
export async function filled(content: string, values: Record<string, string>, known: Known): Promise<string> {
  const all = new Map(Object.entries(values));
  for (const [, name] of content.matchAll(VARIABLE)) {
    const value = name !== undefined && !all.has(name) ? known[name] : undefined;
    if (name && value) all.set(name, await value());
  }
  return content.replace(VARIABLE, (whole, name: string) => all.get(name) ?? whole);
}
