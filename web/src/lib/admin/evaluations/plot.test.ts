import { describe, expect, it } from 'vitest';
import { points, share, type Standing } from './plot';

const model = (model_id: string, ...history: [string, number][]): Standing => ({
  model_id,
  rating: history.at(-1)?.[1] ?? null,
  won: 1,
  lost: 3,
  up: 0,
  down: 0,
  history: history.map(([day, rating]) => ({ day, rating })),
});

describe('points', () => {
  it('carry a rating over the days without comparisons', () => {
    const found = points([model('a', ['2026-11-01', 1016], ['2026-11-03', 1030]), model('b', ['2026-11-02', 990])]);
    expect(found.map((point) => [point.a, point.b])).toEqual([
      [1016, undefined],
      [1016, 990],
      [1030, 990],
    ]);
  });
  it('leave out models that were never compared', () => expect(points([model('a')])).toEqual([]));
});

describe('share', () => {
  it('is of comparisons', () => expect(share(model('a'))).toBe(0.25));
  it('is unknown without any', () => expect(share({ won: 0, lost: 0 })).toBeUndefined());
});
