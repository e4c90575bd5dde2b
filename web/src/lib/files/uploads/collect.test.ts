import { expect, it } from 'vitest';
import { dropped, picked } from './collect.ts';

const file = (name: string): FileSystemEntry =>
  ({
    name,
    isFile: true,
    file: (done: (file: File) => void) => done(new File(['x'], name)),
  }) as unknown as FileSystemEntry;

/** A folder that hands out two entries at a time, as browsers hand out a hundred. */
function folder(name: string, ...within: FileSystemEntry[]): FileSystemEntry {
  const createReader = () => {
    const left = [...within];
    return { readEntries: (done: (entries: FileSystemEntry[]) => void) => done(left.splice(0, 2)) };
  };
  return { name, isFile: false, createReader } as unknown as FileSystemEntry;
}

const transfer = (...entries: FileSystemEntry[]) =>
  ({
    items: entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry })),
    files: [],
  }) as unknown as DataTransfer;

it('takes in all of a dropped folder, with where it lies', async () => {
  const docs = folder('docs', file('a.md'), folder('deep', file('b.md'), file('.DS_Store')), file('c.md'), file('d'));
  const found = await dropped(transfer(docs, file('e.txt')));
  expect(found.map(({ path }) => path)).toEqual(['docs/a.md', 'docs/deep/b.md', 'docs/c.md', 'docs/d', 'e.txt']);
});

it('leaves hidden folders out', async () => {
  expect(await dropped(transfer(folder('docs', folder('.git', file('config')))))).toEqual([]);
});

it('takes a picked folder by its paths and picked files by their names', () => {
  const within = Object.assign(new File(['x'], 'a.md'), { webkitRelativePath: 'docs/a.md' });
  const hidden = Object.assign(new File(['x'], 'x'), { webkitRelativePath: 'docs/.git/x' });
  expect(picked([within, hidden, new File(['y'], 'b.md')]).map(({ path }) => path)).toEqual(['docs/a.md', 'b.md']);
});
