/** A command made of a title: letters, digits and hyphens. */
export function commandOf(title: string): string {
  return title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
}

/** Whether a command can be typed after the slash. */
export const isCommand = (command: string): boolean => /^[A-Za-z0-9_-]{1,100}$/.test(command.replace(/^\//, ''));

/** The variables of a prompt that a person is asked for, each once; those in capitals are filled by the server. */
export function variables(content: string): string[] {
  const names = [...content.matchAll(/\{\{\s*([^{}|]+?)\s*(?:\|[^{}]*)?\}\}/g)].map((match) => match[1] ?? '');
  return [...new Set(names)].filter((name) => !/^[A-Z_]+$/.test(name));
}
