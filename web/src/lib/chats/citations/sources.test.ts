import { describe, expect, it } from 'vitest';
import { citationsOf, relevanceOf } from './sources.ts';

const collection = {
  source: { id: 'k1', name: 'Handbook', type: 'collection' },
  document: ['Holidays', 'Sick leave', 'More holidays'],
  metadata: [
    { file_id: 'f1', source: 'leave.pdf', name: 'leave.pdf', page: 3, headings: ['Leave', 'Holidays'] },
    { file_id: 'f2', source: 'sick.md', name: 'sick.md' },
    { file_id: 'f1', source: 'leave.pdf', name: 'leave.pdf', page: 4 },
  ],
  distances: [0.5, 0.25, 0.75],
};

describe('citationsOf', () => {
  it('counts by where a passage is from, in the order of the prompt', () => {
    const web = {
      source: { id: 'w', name: 'tea', type: 'web_search' },
      document: ['Tea'],
      metadata: [{ source: 'https://tea.example/a', title: 'All about tea', snippet_only: true }],
    };
    const found = citationsOf([collection, web]);
    expect(found.map(({ number, name, kind, id }) => [number, name, kind, id])).toEqual([
      [1, 'leave.pdf', 'file', 'f1'],
      [2, 'sick.md', 'file', 'f2'],
      [3, 'All about tea', 'web', null],
    ]);
    expect(found[0]!.passages.map(({ text, page }) => [text, page])).toEqual([
      ['Holidays', 4],
      ['More holidays', 5],
    ]);
    expect(found[2]!.url).toBe('https://tea.example/a');
    expect(found.map(({ passages }) => passages[0]!.snippet)).toEqual([false, false, true]);
    expect(found.map(relevanceOf)).toEqual([0.75, 0.25, null]);
  });

  it('keeps two files of one name apart from a link to either', () => {
    const metadata = ['a', 'b'].map((id) => ({ file_id: id, source: 'notes.txt', name: 'notes.txt' }));
    const [citation] = citationsOf([{ source: { id: 'k' }, document: ['A', 'B'], metadata }]);
    expect(citation).toMatchObject({ id: null, passages: [{ fileId: 'a' }, { fileId: 'b' }] });
  });

  it('names chats by what they are, and takes no address but of the web', () => {
    const chat = { source: { id: 'c1', name: 'Plans', type: 'chat' }, document: ['Hi'], metadata: [{ file_id: 'c1' }] };
    const odd = { source: { id: 'x', url: 'javascript:alert(1)' }, document: ['Hi'], metadata: [null] };
    expect(citationsOf([chat, odd])).toMatchObject([
      { kind: 'chat', id: 'c1', url: null },
      { kind: 'file', name: 'x', url: null },
    ]);
  });

  it.each([undefined, null, [], [{}], [{ source: { id: 'x' } }]])('finds nothing in %j', (sources) =>
    expect(citationsOf(sources)).toEqual([]),
  );
});
