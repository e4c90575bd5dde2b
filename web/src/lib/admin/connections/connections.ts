import type { paths } from '#lib/api/schema.d.ts';

/** The contract's form: three lists that belong together by position. */
export type ConnectionsForm = paths['/openai/config/update']['post']['requestBody']['content']['application/json'];

/** One connection as the page shows and edits it. A key that is stored is a mask; sent back it stands for itself. */
export type Connection = {
  url: string;
  key: string;
  enabled: boolean;
  prefix: string;
  tags: string[];
  models: string[];
  headers: { name: string; value: string }[];
  fromEnvironment: boolean;
  /** Fields that this page does not edit; they are kept. */
  rest: Record<string, unknown>;
};

export const BEDROCK = 'bedrock://';

export const blank = (): Connection => ({
  url: '',
  key: '',
  enabled: true,
  prefix: '',
  tags: [],
  models: [],
  headers: [],
  fromEnvironment: false,
  rest: {},
});

const texts = (value: unknown): string[] =>
  Array.isArray(value)
    ? value.flatMap((item: unknown) => {
        const text = typeof item === 'object' && item !== null && 'name' in item ? item.name : item;
        return typeof text === 'string' ? [text] : [];
      })
    : [];

/** The settings of a connection in the contract's shape. */
export function configOf(connection: Connection): Record<string, unknown> {
  const headers = connection.headers.filter((header) => header.name.trim());
  return {
    ...connection.rest,
    enable: connection.enabled,
    prefix_id: connection.prefix.trim() || null,
    tags: connection.tags.map((name) => ({ name })),
    model_ids: connection.models,
    headers: headers.length ? Object.fromEntries(headers.map(({ name, value }) => [name.trim(), value])) : null,
  };
}

/** The connections in a form. */
export function fromForm(form: ConnectionsForm): Connection[] {
  return form.OPENAI_API_BASE_URLS.map((url, index) => {
    const config = (form.OPENAI_API_CONFIGS[String(index)] ?? {}) as Record<string, unknown>;
    const { enable, prefix_id, tags, model_ids, headers, source, ...rest } = config;
    return {
      url,
      key: form.OPENAI_API_KEYS[index] ?? '',
      enabled: enable !== false,
      prefix: typeof prefix_id === 'string' ? prefix_id : '',
      tags: texts(tags),
      models: texts(model_ids),
      headers: Object.entries((headers ?? {}) as Record<string, string>).map(([name, value]) => ({ name, value })),
      fromEnvironment: source === 'environment',
      rest,
    };
  });
}

/** A form with these connections. */
export function toForm(connections: readonly Connection[], enabled: boolean): ConnectionsForm {
  return {
    ENABLE_OPENAI_API: enabled,
    OPENAI_API_BASE_URLS: connections.map((connection) => connection.url.trim()),
    OPENAI_API_KEYS: connections.map((connection) => connection.key.trim()),
    OPENAI_API_CONFIGS: Object.fromEntries(
      connections.map((connection, index) => [String(index), configOf(connection)]),
    ),
  };
}

/** The words in a text with commas or line breaks. */
export function listOf(text: string): string[] {
  return [...new Set(text.split(/[,\n]/).map((word) => word.trim()))].filter(Boolean);
}
