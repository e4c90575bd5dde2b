import { describe, expect, it } from 'vitest';
import { flatten, group, onTop, withFreshFirst, type ChatHead } from './grouping';

const labels = { today: 'Today', yesterday: 'Yesterday', week: 'Week', month: 'Month' };
const now = new Date(2026, 10, 21, 9, 30);
const chat = (id: string, when: Date = now, title = id): ChatHead => ({
  id,
  title,
  updated_at: when.getTime() / 1000,
});

describe('group', () => {
  const headings = (...dates: Date[]) =>
    group(
      dates.map((date, index) => chat(String(index), date)),
      now,
      labels,
      'en',
    )
      .filter((line) => line.kind === 'heading')
      .map((line) => line.label);

  it('names days by the calendar, not by hours', () => {
    expect(headings(new Date(2026, 10, 21, 0, 1), new Date(2026, 10, 20, 23, 59))).toEqual(['Today', 'Yesterday']);
  });
  it('names weeks, months and years further back', () => {
    expect(headings(new Date(2026, 10, 17), new Date(2026, 10, 2), new Date(2026, 8, 9), new Date(2025, 8, 9))).toEqual(
      ['Week', 'Month', 'September', 'September 2025'],
    );
  });
  it('puts a heading once above its chats', () => {
    expect(headings(now, now, now)).toEqual(['Today']);
  });
  it('takes a clock ahead of ours for today', () => {
    expect(headings(new Date(2026, 10, 22, 8))).toEqual(['Today']);
  });
});

describe('flatten', () => {
  it('shows a chat once when pages shifted, and not those being deleted', () => {
    expect(
      flatten(
        [
          [chat('a'), chat('b')],
          [chat('b'), chat('c')],
        ],
        new Set(['c']),
      ).map(({ id }) => id),
    ).toEqual(['a', 'b']);
  });
});

describe('onTop', () => {
  it('moves a chat up from a later page', () => {
    expect(onTop([[chat('a')], [chat('b'), chat('c')]], chat('c')).map((page) => page.map(({ id }) => id))).toEqual([
      ['c', 'a'],
      ['b'],
    ]);
  });
});

describe('withFreshFirst', () => {
  const at = (id: string, seconds: number): ChatHead => ({ id, title: id, updated_at: seconds });
  it('drops what is gone from the fresh page and keeps what is older', () => {
    const pages = [[at('gone', 9), at('a', 8), at('old', 1)], [at('older', 0)]];
    expect(withFreshFirst(pages, [at('new', 10), at('a', 8)]).map((page) => page.map(({ id }) => id))).toEqual([
      ['new', 'a', 'old'],
      ['older'],
    ]);
  });
});
