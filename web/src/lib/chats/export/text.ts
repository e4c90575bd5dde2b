import { citationsOf } from '../citations/sources.ts';
import type { History, Message } from '../types.ts';

/** The names of whom a message is from, and what its list of sources is called. */
export type Names = { user: string; assistant: string; sources: string };

/** The messages of the shown branch, first to last; a circle or a missing parent ends it. */
export function branch(history: Pick<History, 'messages' | 'currentId'>): Message[] {
  const found: Message[] = [];
  const seen = new Set<string>();
  let id = history.currentId;
  while (id !== null && !seen.has(id)) {
    seen.add(id);
    const message: Message | undefined = history.messages[id];
    if (!message) break;
    found.unshift(message);
    id = message.parentId;
  }
  return found;
}

const who = (message: Message, names: Names) =>
  message.role === 'assistant' ? (message.modelName ?? message.model ?? names.assistant) : names.user;

/** A message with the list of what its numbers refer to. */
function withSources(message: Message, names: Names): string {
  const lines = citationsOf(message.sources).map(({ number, name, url }) =>
    [`[${number}] ${name}`, url && url !== name ? url : ''].filter(Boolean).join(' · '),
  );
  const content = message.content.trim();
  return lines.length > 0 ? `${content}\n\n${names.sources}:\n\n${lines.join('\n\n')}` : content;
}

/** A chat as Markdown: a heading for the title and one for each message. */
export function toMarkdown(title: string, messages: readonly Message[], names: Names): string {
  const parts = messages.map((message) => `### ${who(message, names)}\n\n${withSources(message, names)}\n`);
  return [`# ${title}\n`, ...parts].join('\n');
}

/** A chat as plain text, as the messages were written. */
export function toText(title: string, messages: readonly Message[], names: Names): string {
  const parts = messages.map((message) => `${who(message, names)}:\n${withSources(message, names)}\n`);
  return [`${title}\n`, ...parts].join('\n');
}

/** A name for a file, of any script, without what file systems refuse. */
export function fileName(title: string, extension: string): string {
  const plain = title
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f<>:"/\\|?*]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[. ]+$/, '');
  return `${[...plain].slice(0, 80).join('') || 'chat'}.${extension}`;
}
