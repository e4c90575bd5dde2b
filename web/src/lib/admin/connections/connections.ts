import type { paths } from '#lib/api/schema.d.ts';

/** The contract's form: three lists that belong together by position. */
export type ConnectionsForm = paths['/openai/config/update']['post']['requestBody']['content']['application/json'];

/** The protocols that a connection may speak; Bedrock and Ollama have places of their own. */
export const KINDS = ['openai', 'azure', 'anthropic', 'gemini'] as const;
export type Kind = (typeof KINDS)[number];

/** Where a provider usually is, as an example of an address. */
export const EXAMPLES: Record<Kind, string> = {
  openai: 'https://api.example.com/v1',
  azure: 'https://example.openai.azure.com',
  anthropic: 'https://api.anthropic.com',
  gemini: 'https://generativelanguage.googleapis.com',
};

/** One connection as the page shows and edits it. A key that is stored is a mask; sent back it stands for itself. */
export type Connection = {
  url: string;
  key: string;
  kind: Kind;
  /** Azure's; empty elsewhere. */
  apiVersion: string;
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
  kind: 'openai',
  apiVersion: '',
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
  const { kind, apiVersion } = connection;
  return {
    ...connection.rest,
    provider: kind,
    azure: kind === 'azure',
    ...(apiVersion.trim() ? { api_version: apiVersion.trim() } : {}),
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
    const { enable, prefix_id, tags, model_ids, headers, source, provider, azure, api_version, ...rest } = config;
    return {
      url,
      key: form.OPENAI_API_KEYS[index] ?? '',
      kind: KINDS.find((kind) => kind === provider) ?? (azure === true ? 'azure' : 'openai'),
      apiVersion: typeof api_version === 'string' ? api_version : '',
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
