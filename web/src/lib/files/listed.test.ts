import { expect, it } from 'vitest';
import { found, isMoving, listed, sorted } from './listed.ts';

const stored = (id: string, fields: object = {}) =>
  listed({
    id,
    user_id: 'me',
    filename: `${id}.md`,
    meta: { size: 10, content_type: 'text/markdown' },
    created_at: 1,
    updated_at: 1,
    ...fields,
  });

const files = [
  stored('b10', { path: 'docs/b10.md', status: 'indexed', created_at: 3 }),
  stored('b2', { path: 'docs/b2.md', status: 'failed', reason: 'Empty.', created_at: 1 }),
  stored('a', { status: 'embedding', progress: 40, created_at: 2 }),
];
const ids = (some: { id: string }[]) => some.map(({ id }) => id);

it('reads files of a person and of a knowledge base', () => {
  expect(files[1]).toMatchObject({ name: 'b2.md', path: 'docs/b2.md', status: 'failed', reason: 'Empty.', size: 10 });
  expect(stored('x', { knowledge: ['k'] })).toMatchObject({
    path: 'x.md',
    status: null,
    progress: 0,
    knowledge: ['k'],
  });
});

it('finds by every word and by how far a file is', () => {
  expect(ids(found(files, 'DOCS b2'))).toEqual(['b2']);
  expect(ids(found(files, '', 'moving'))).toEqual(['a']);
  expect(ids(found(files, '', 'failed'))).toEqual(['b2']);
  expect(files.map(isMoving)).toEqual([false, false, true]);
});

it('sorts names as people count, and what needs looking at first', () => {
  expect(ids(sorted(files, { key: 'name', direction: 'asc' }))).toEqual(['a', 'b2', 'b10']);
  expect(ids(sorted(files, { key: 'status', direction: 'asc' }))).toEqual(['b2', 'a', 'b10']);
  expect(ids(sorted(files, { key: 'added', direction: 'desc' }))).toEqual(['b10', 'a', 'b2']);
});
