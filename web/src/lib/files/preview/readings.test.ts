import { describe, expect, it } from 'vitest';
import { partsOf } from './readings.ts';

const office = { office: true };
const table = (head: string[], rows: string[][]) => ({ kind: 'table', table: { head, rows, more: 0 } });

describe('partsOf', () => {
  it('shows headings, text and tables of a document', () => {
    const segments = [
      { text: '# Report\n\nA good year.\n\nReally.', headings: ['Report'] },
      {
        text: '## Figures\n\nGrowth:\n\nYear | Euro\n2025 | 12\n2026 | 14\n\nThe end.',
        headings: ['Report', 'Figures'],
      },
    ];
    expect(partsOf(segments, office)).toEqual([
      {
        page: null,
        sheet: null,
        blocks: [
          { kind: 'heading', level: 1, text: 'Report' },
          { kind: 'text', text: 'A good year.\n\nReally.' },
          { kind: 'heading', level: 2, text: 'Figures' },
          { kind: 'text', text: 'Growth:' },
          table(
            ['Year', 'Euro'],
            [
              ['2025', '12'],
              ['2026', '14'],
            ],
          ),
          { kind: 'text', text: 'The end.' },
        ],
      },
    ]);
  });

  it('shows slides as pages, counted from one', () => {
    const parts = partsOf(
      [
        { text: 'Hello', page: 0 },
        { text: 'Again', page: 1 },
        { text: 'And again', page: 1 },
      ],
      office,
    );
    expect(parts.map(({ page, blocks }) => [page, blocks.length])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('shows the rows of a sheet under the names of their columns, over all of its pieces', () => {
    const segments = [
      { text: 'Room | Seats | Note\nRoom: Aurora; Seats: 12; Note: big; bright', sheet: 'Rooms' },
      { text: 'Room: Borealis; Note: Seats: six', sheet: 'Rooms' },
      { text: '1 | 2\n3 | 4', sheet: 'Raw' },
    ];
    expect(partsOf(segments, office)).toEqual([
      {
        page: null,
        sheet: 'Rooms',
        blocks: [
          table(
            ['Room', 'Seats', 'Note'],
            [
              ['Aurora', '12', 'big; bright'],
              ['Borealis', '', 'Seats: six'],
            ],
          ),
        ],
      },
      { page: null, sheet: 'Raw', blocks: [table(['1', '2'], [['3', '4']])] },
    ]);
  });

  it('shows a sheet as text where its rows are none', () => {
    const text = 'One | Two\nsomething else';
    expect(partsOf([{ text, sheet: 'Notes' }], office)[0]!.blocks).toEqual([{ kind: 'text', text }]);
  });

  it('takes the signs of other files as they are', () => {
    const text = '# a comment\na | b\nc | d';
    expect(partsOf([{ text }], { office: false })[0]!.blocks).toEqual([{ kind: 'text', text }]);
    expect(partsOf([], { office: false })).toEqual([]);
  });
});
