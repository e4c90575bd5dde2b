export interface Suggestion {
  title: string;
  detail: string;
  /** What is written into the composer. */
  text: string;
}

const MAX = 4;

/** The suggestions an admin wrote for the empty chat, as `/api/config` tells them: `{title: [first, second], content}`. */
export function suggestionsOf(config: unknown): Suggestion[] {
  const list = (config as { default_prompt_suggestions?: unknown } | undefined)?.default_prompt_suggestions;
  if (!Array.isArray(list)) return [];
  const suggestions = list.flatMap((raw: { title?: unknown; content?: unknown } | null): Suggestion[] => {
    if (typeof raw?.content !== 'string' || !raw.content) return [];
    const [title, detail] = Array.isArray(raw.title) ? raw.title : [raw.title];
    return [{ title: String(title || raw.content), detail: String(detail ?? ''), text: raw.content }];
  });
  return suggestions.slice(0, MAX);
}
