import { EventSourceParserStream } from 'eventsource-parser/stream';
import { ApiError, detailOf } from '#lib/api/errors.ts';

interface Chunk {
  choices?: { delta?: { content?: string | null } }[];
  error?: { message?: string } | string;
}

/** The text of a completion as it is written (server-sent events, OpenAI's form); throws `ApiError`. */
export async function* streamed(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<string> {
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body), signal });
  if (!response.ok || !response.body) {
    const answer: unknown = await response.json().catch(() => undefined);
    throw new ApiError(response.status, detailOf(answer, response.status));
  }
  const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  const reader = events.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    if (next.value.data === '[DONE]') return;
    const { choices, error } = JSON.parse(next.value.data) as Chunk;
    if (error) throw new ApiError(502, detailOf({ detail: typeof error === 'string' ? error : error.message }, 502));
    const text = choices?.[0]?.delta?.content;
    if (text) yield text;
  }
}
