import { EventSourceParserStream } from 'eventsource-parser/stream';
import { ApiError, detailOf } from '#lib/api/errors.ts';

export type Turn = { role: 'system' | 'user' | 'assistant'; content: string };

/** The text that one event of OpenAI's protocol adds. Throws when the event tells of trouble. */
export function textOf(data: string): string {
  if (data === '[DONE]') return '';
  const event = JSON.parse(data) as {
    choices?: { delta?: { content?: string | null } }[];
    error?: { message?: string };
    detail?: string;
  };
  const trouble = event.error?.message ?? event.detail;
  if (trouble) throw new ApiError(502, trouble);
  return event.choices?.[0]?.delta?.content ?? '';
}

/** Has a model go on with a conversation, kept nowhere; `ontext` gets each piece. Throws `ApiError`. */
export async function complete(
  model: string,
  messages: Turn[],
  options: { temperature?: number; max_tokens?: number },
  ontext: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch('/api/chat/completions', {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages, stream: true, ...options }),
    signal,
  }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw new ApiError(0, detailOf(undefined, 0));
  });
  if (!response.ok || !response.body) {
    const body: unknown = await response.json().catch(() => undefined);
    throw new ApiError(response.status, detailOf(body, response.status));
  }
  const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  const reader = events.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) ontext(textOf(next.value.data));
}
