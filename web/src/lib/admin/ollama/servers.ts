import type { Schemas } from '#lib/api/client.ts';

/** The contract's form: addresses, and settings by their position. */
export type OllamaForm = Schemas['OllamaForm'];

/** A server as the page shows and edits it; `rest` is kept as it is. */
export type Server = {
  url: string;
  key: string;
  prefix: string;
  weight: number;
  enabled: boolean;
  fromEnvironment: boolean;
  rest: Record<string, unknown>;
};

export const blankServer = (): Server => ({
  url: '',
  key: '',
  prefix: '',
  weight: 1,
  enabled: true,
  fromEnvironment: false,
  rest: {},
});

const text = (value: unknown) => (typeof value === 'string' ? value : '');

export function serversOf(form: OllamaForm): Server[] {
  return form.OLLAMA_BASE_URLS.map((url, index) => {
    const config = (form.OLLAMA_API_CONFIGS[String(index)] ?? {}) as Record<string, unknown>;
    const { key, prefix_id, weight, enable, source, ...rest } = config;
    return {
      url,
      key: text(key),
      prefix: text(prefix_id),
      weight: typeof weight === 'number' ? weight : 1,
      enabled: enable !== false,
      fromEnvironment: source === 'environment',
      rest,
    };
  });
}

export function formOf(servers: readonly Server[]): OllamaForm {
  return {
    ENABLE_OLLAMA_API: true,
    OLLAMA_BASE_URLS: servers.map((server) => server.url.trim()),
    OLLAMA_API_CONFIGS: Object.fromEntries(
      servers.map((server, index) => [
        String(index),
        {
          ...server.rest,
          enable: server.enabled,
          key: server.key.trim(),
          prefix_id: server.prefix.trim() || null,
          ...(server.weight === 1 ? {} : { weight: server.weight }),
        },
      ]),
    ),
  };
}
