import Globe from '@lucide/svelte/icons/globe';
import { createQuery } from '@tanstack/svelte-query';
import { filesQuery } from '#lib/files/queries.ts';
import { choosable, modelsQuery } from '#lib/models/queries.ts';
import { m } from '#lib/paraglide/messages.js';
import { knowledgeQuery } from '#lib/workspace/knowledge/queries.ts';
import type { ModelChoice } from '../actions.ts';
import { promptsQuery } from '../prompts/queries.ts';
import { searchQuery } from '../search/queries.ts';
import type { MessageFile } from '../types.ts';
import { iconOf } from './icons.ts';
import { addressIn } from './references.ts';
import { matching, type Trigger } from './trigger.ts';

/** What a person picks behind `@`, `/` or `#`. */
export type Choice =
  | { kind: 'model'; model: ModelChoice }
  | { kind: 'prompt'; content: string }
  | { kind: 'item'; item: MessageFile }
  | { kind: 'page'; url: string };

export interface Option {
  id: string;
  label: string;
  detail: string;
  icon?: typeof Globe;
  choice: Choice;
}

/** So many of each kind are offered behind `#`. */
const EACH = 5;

/** What is offered for a word that is being typed. */
export function offered(trigger: () => Trigger): () => { options: Option[]; busy: boolean } {
  const of = $derived(trigger().kind);
  const models = createQuery(() => modelsQuery);
  const prompts = createQuery(() => ({ ...promptsQuery, enabled: of === '/' }));
  const knowledge = createQuery(() => ({ ...knowledgeQuery, enabled: of === '#' }));
  const files = createQuery(() => ({ ...filesQuery, enabled: of === '#' }));
  const query = $derived(trigger().query);
  const url = $derived(addressIn(query));
  const wanted = $derived(of === '#' && url === null ? query : '');
  const chats = createQuery(() => searchQuery(wanted));

  const things = $derived<Option[]>([
    ...matching(knowledge.data ?? [], query, (each) => [each.name], EACH).map((each) =>
      thing({ type: 'collection', id: each.id, name: each.name }, each.description || m.composer_knowledge()),
    ),
    ...matching(files.data ?? [], query, (each) => [each.filename], EACH).map((each) =>
      thing({ type: 'file', id: each.id, name: each.filename, size: each.meta.size ?? 0 }, m.composer_file()),
    ),
    ...(wanted ? (chats.data ?? []) : [])
      .slice(0, EACH)
      .map((each) => thing({ type: 'chat', id: each.id, name: each.title }, m.composer_chat())),
  ]);
  const options = $derived.by<Option[]>(() => {
    if (of === '@')
      return matching(choosable(models.data), query, (model) => [model.name, model.id]).map(({ id, name }) => ({
        id,
        label: name,
        detail: name === id ? '' : id,
        choice: { kind: 'model', model: { id, name } },
      }));
    if (of === '/')
      return matching(prompts.data ?? [], query, (prompt) => [prompt.command, prompt.title]).map((prompt) => ({
        id: prompt.command,
        label: `/${prompt.command}`,
        detail: prompt.title,
        choice: { kind: 'prompt', content: prompt.content },
      }));
    if (url) return [{ id: 'page', label: url, detail: m.composer_page(), icon: Globe, choice: { kind: 'page', url } }];
    return things;
  });

  return () => ({ options, busy: of === '#' && (knowledge.isPending || files.isPending || chats.isFetching) });
}

const thing = (item: MessageFile, detail: string): Option => ({
  id: `${item.type}-${item.id}`,
  label: item.name ?? '',
  detail,
  icon: iconOf(item),
  choice: { kind: 'item', item },
});
