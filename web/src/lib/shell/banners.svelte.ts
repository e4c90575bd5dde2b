import { queryOptions } from '@tanstack/svelte-query';
import { SvelteSet } from 'svelte/reactivity';
import { api, call } from '#lib/api/client.ts';
import { kept } from '#lib/api/kept.ts';
import type { Banner } from '#lib/admin/interface/queries.ts';

const KEY = 'cirrus.banners.closed';
const BANNERS = ['banners'] as const;

/** The notices that an admin wrote for everybody. */
export const noticesQuery = queryOptions({
  queryKey: BANNERS,
  queryFn: ({ signal }) => call(api.GET('/api/v1/configs/banners', { signal })),
  staleTime: 5 * 60_000,
  ...kept<Banner[]>(BANNERS),
});

function read(): string[] {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '[]') as string[];
  } catch {
    return [];
  }
}

/** Notices that were closed on this device. */
const closed = new SvelteSet<string>(read());

export const isClosed = (banner: Banner): boolean => banner.dismissible && closed.has(banner.id);

/** Closes a notice for good, here; of those that are gone nothing is kept. */
export function close(banner: Banner, all: readonly Banner[]): void {
  closed.add(banner.id);
  const there = all.map(({ id }) => id).filter((id) => closed.has(id));
  localStorage.setItem(KEY, JSON.stringify(there));
}
