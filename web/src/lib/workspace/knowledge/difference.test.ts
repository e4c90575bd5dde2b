import { describe, expect, it, vi } from 'vitest';
import { compare, hashOf, rootOf } from './difference.ts';

const local = (path: string, text: string) => ({ path, file: new File([text], path) });
const stored = async (id: string, path: string, text: string) => ({
  id,
  path,
  size: text.length,
  hash: await hashOf(new Blob([text])),
});

describe('compare', () => {
  it('tells what is new, changed, gone and the same', async () => {
    const there = [
      await stored('1', 'docs/same.md', 'tea'),
      await stored('2', 'docs/longer.md', 'tea'),
      await stored('3', 'docs/other.md', 'tea'),
      await stored('4', 'docs/gone.md', 'tea'),
    ];
    const picked = [
      local('docs/same.md', 'tea'),
      local('docs/longer.md', 'coffee'),
      local('docs/other.md', 'rum'),
      local('docs/new.md', 'gin'),
    ];
    const onprogress = vi.fn();
    expect(await compare(picked, there, { onprogress })).toEqual({
      added: [picked[3]],
      changed: [
        { picked: picked[1], stored: there[1] },
        { picked: picked[2], stored: there[2] },
      ],
      removed: [there[3]],
      same: 1,
    });
    expect(onprogress).toHaveBeenLastCalledWith(4);
  });

  it('reads only files whose size says nothing', async () => {
    const hash = vi.fn(hashOf);
    await compare([local('a', 'xx'), local('b', 'yy')], [await stored('1', 'a', 'x'), await stored('2', 'b', 'yy')], {
      hash,
    });
    expect(hash).toHaveBeenCalledTimes(1);
  });

  it('removes what is there twice', async () => {
    const there = [await stored('1', 'a', 'x'), await stored('2', 'a', 'x')];
    expect(await compare([local('a', 'x')], there)).toMatchObject({ same: 1, removed: [there[1]] });
  });

  it('takes a file for changed where nobody knows', async () => {
    const there = [{ ...(await stored('1', 'a', 'x')), hash: null }, await stored('2', 'b', 'y')];
    const hash = () => Promise.resolve(null);
    expect(await compare([local('a', 'x'), local('b', 'y')], there, { hash })).toMatchObject({ same: 0, removed: [] });
  });
});

it('knows the folder that was picked', () => {
  expect(rootOf([local('docs/a', ''), local('docs/b/c', '')])).toBe('docs');
  expect(rootOf([local('docs/a', ''), local('notes/b', '')])).toBe('');
  expect(rootOf([local('a', '')])).toBe('');
});
