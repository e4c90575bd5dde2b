import { m } from '#lib/paraglide/messages.js';
import { intlLocale } from '#lib/language/language.ts';

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** How long ago something was, in words; `time` in epoch seconds. */
export function ago(time: number, now: number = Date.now() / 1000): string {
  const seconds = now - time;
  const step = STEPS.find(([, size]) => seconds >= size);
  if (!step) return m.time_now();
  return new Intl.RelativeTimeFormat(intlLocale(), { numeric: 'auto' }).format(-Math.floor(seconds / step[1]), step[0]);
}

/** A calendar day; `time` in epoch seconds. */
export function day(time: number): string {
  return new Intl.DateTimeFormat(intlLocale(), { dateStyle: 'medium' }).format(time * 1000);
}
