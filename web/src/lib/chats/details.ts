import { m } from '#lib/paraglide/messages.js';
import { intlLocale } from '#lib/language/language.ts';
import type { Message } from './types.ts';

export interface Detail {
  label: string;
  value: string;
}

const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

/** What is known of how an answer came about, in the order it is shown. */
export function details(message: Message): Detail[] {
  const locale = intlLocale();
  const count = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const rows: Detail[] = [];
  const add = (label: string, value: string | null) => value && rows.push({ label, value });
  const tokens = (value: unknown) => (number(value) === null ? null : count.format(value as number));
  const usage = message.usage ?? {};
  const seconds = number(message.timing?.total);
  const first = number(message.timing?.first_token);
  const speed = perSecond(number(usage.completion_tokens), seconds === null ? null : seconds - (first ?? 0));
  add(m.chat_details_model(), message.modelName ?? message.model ?? null);
  add(m.chat_details_time(), time(message.timestamp, locale));
  add(m.chat_details_prompt(), tokens(usage.prompt_tokens));
  add(m.chat_details_answer(), tokens(usage.completion_tokens));
  add(m.chat_details_first(), first === null ? null : m.chat_seconds({ seconds: count.format(first) }));
  add(m.chat_details_duration(), seconds === null ? null : m.chat_seconds({ seconds: count.format(seconds) }));
  add(m.chat_details_speed(), speed === null ? null : m.chat_tokens_per_second({ tokens: count.format(speed) }));
  return rows;
}

function perSecond(tokens: number | null, seconds: number | null): number | null {
  return tokens !== null && seconds ? tokens / seconds : null;
}

/** Making one of these takes longer than all that it ever writes. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clock(locale: string, today: boolean): Intl.DateTimeFormat {
  const key = `${locale} ${today}`;
  const options: Intl.DateTimeFormatOptions = today ? {} : { dateStyle: 'medium' };
  const made = clocks.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeStyle: 'short' });
  clocks.set(key, made);
  return made;
}

/** Time of day for today, the date as well for other days. */
export function time(timestamp: number, locale: string, now: Date = new Date()): string | null {
  if (!timestamp) return null;
  const date = new Date(timestamp * 1000);
  return clock(locale, date.toDateString() === now.toDateString()).format(date);
}

/** What the oldest turns were shortened to for this answer, empty where they were left out; null when it read them all. */
export function summaryOf({ context_summary: summary }: Message): string | null {
  return summary ? (summary.text ?? '') : null;
}
