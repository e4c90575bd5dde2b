export interface Suggestion {
  title: string;
  detail: string;
  /** What is written into the composer. */
  text: string;
}

const MAX = 4;

/** The suggestions for the empty chat: those of its model, otherwise the instance's; `{title: [first, second], content}`. */
export function suggestionsOf(config: unknown, model?: unknown): Suggestion[] {
  const own = (model as { info?: { meta?: { suggestion_prompts?: unknown } } } | undefined)?.info?.meta;
  const general = (config as { default_prompt_suggestions?: unknown } | undefined)?.default_prompt_suggestions;
  const list = read(own?.suggestion_prompts);
  return (list.length > 0 ? list : read(general)).slice(0, MAX);
}

function read(list: unknown): Suggestion[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((raw: { title?: unknown; content?: unknown } | null): Suggestion[] => {
    if (typeof raw?.content !== 'string' || !raw.content) return [];
    const [title, detail] = Array.isArray(raw.title) ? raw.title : [raw.title];
    return [{ title: String(title || raw.content), detail: String(detail ?? ''), text: raw.content }];
  });
}
