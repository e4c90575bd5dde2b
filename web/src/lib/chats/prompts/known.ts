import { sessionQuery } from '#lib/accounts/queries.ts';
import { queryClient } from '#lib/api/queries.ts';
import { language } from '#lib/language/language.ts';
import type { Known } from './variables.ts';

const two = (value: number) => String(value).padStart(2, '0');
const date = (now = new Date()) => `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
const time = (now = new Date()) => `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;

/** What a prompt may say of the moment and the person without asking. */
export const known: Known = {
  CURRENT_DATE: date,
  CURRENT_TIME: time,
  CURRENT_DATETIME: () => `${date()} ${time()}`,
  CURRENT_WEEKDAY: () => new Intl.DateTimeFormat('en', { weekday: 'long' }).format(),
  CURRENT_TIMEZONE: () => Intl.DateTimeFormat().resolvedOptions().timeZone,
  USER_LANGUAGE: language,
  USER_NAME: () => queryClient.getQueryData(sessionQuery.queryKey)?.name ?? '',
  CLIPBOARD: () => navigator.clipboard.readText().catch(() => ''),
};
