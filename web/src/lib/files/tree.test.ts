import { expect, it } from 'vitest';
import { contentsOf, isWithin, nameOf, parentOf, wayTo } from './tree.ts';

const files = [
  { path: 'zebra.md', size: 1 },
  { path: 'docs/a.md', size: 2 },
  { path: 'docs/deep/b.md', size: 4 },
  { path: 'docs/deep/er/c.md', size: 8 },
  { path: 'docs2/d.md', size: 16 },
];

it('shows what is in a folder, and what its folders come to', () => {
  expect(contentsOf(files, '')).toEqual({
    folders: [
      { name: 'docs', path: 'docs', count: 3, size: 14 },
      { name: 'docs2', path: 'docs2', count: 1, size: 16 },
    ],
    files: [files[0]],
  });
  expect(contentsOf(files, 'docs')).toEqual({
    folders: [{ name: 'deep', path: 'docs/deep', count: 2, size: 12 }],
    files: [files[1]],
  });
  expect(contentsOf(files, 'nowhere')).toEqual({ folders: [], files: [] });
});

it('takes paths apart', () => {
  expect(wayTo('docs/deep')).toEqual([
    { name: 'docs', path: 'docs' },
    { name: 'deep', path: 'docs/deep' },
  ]);
  expect(wayTo('')).toEqual([]);
  expect([parentOf('docs/deep/b.md'), parentOf('b.md')]).toEqual(['docs/deep', '']);
  expect([nameOf('docs/b.md'), nameOf('b.md')]).toEqual(['b.md', 'b.md']);
  expect([isWithin('docs2/d.md', 'docs'), isWithin('docs/d.md', 'docs'), isWithin('x', '')]).toEqual([
    false,
    true,
    true,
  ]);
});
