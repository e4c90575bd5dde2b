import { m } from '#lib/paraglide/messages.js';
import { notify } from '#lib/ui/toast.ts';
import type { MessageFile } from '../types.ts';
import type { Offers } from './offers.ts';

type Named = { name: string };

const NAMES_SHOWN = 3;

const names = (of: readonly Named[]): string =>
  [...of.slice(0, NAMES_SHOWN).map(({ name }) => name), ...(of.length > NAMES_SHOWN ? ['…'] : [])].join(', ');

/** Whether a file goes along as a picture: only where who answers sees pictures. */
export const isPicture = ({ type }: File, offers: Offers): boolean =>
  offers.pictures && type.startsWith('image/') && type !== 'image/svg+xml';

/** Those of the files that may go along with what is attached; the person is told of the others. */
export function admitted(files: readonly File[], attached: readonly MessageFile[], offers: Offers): File[] {
  const taken = files.filter((file) => offers.files || isPicture(file, offers));
  if (taken.length < files.length) notify(offers.pictures ? m.composer_only_pictures() : m.composer_no_files());
  const largest = offers.largestFile ?? Infinity;
  // Pictures are made smaller on their way.
  const large = taken.filter((file) => file.size > largest && !isPicture(file, offers));
  if (large.length > 0) notify(m.composer_too_large({ megabytes: Math.floor(largest / 2 ** 20), names: names(large) }));
  const small = taken.filter((file) => !large.includes(file));
  return withRoom(small, attached, offers);
}

/** As many of these as there is room for beside what is attached; the person is told of the others. */
export function withRoom<T extends Named>(
  wanted: readonly T[],
  attached: readonly MessageFile[],
  { mostFiles }: Offers,
): T[] {
  if (mostFiles === null) return [...wanted];
  const room = Math.max(0, mostFiles - attached.filter(({ type }) => type === 'file' || type === 'image').length);
  const left = wanted.slice(room);
  if (left.length > 0) notify(m.composer_too_many({ most: mostFiles, names: names(left) }));
  return wanted.slice(0, room);
}
