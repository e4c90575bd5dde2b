import { describe, expect, it } from 'vitest';
import { addressIn, keyOf, placeOf } from './references.ts';

describe('addressIn', () => {
  it.each([
    ['https://example.com/a?b=1#c', 'https://example.com/a?b=1#c'],
    ['HTTP://Example.com', 'http://example.com/'],
    ['www.example.com/a', 'https://www.example.com/a'],
    ['http://localhost:8080/x', 'http://localhost:8080/x'],
    ['http://[::1]/', 'http://[::1]/'],
  ])('completes %j', (query, url) => expect(addressIn(query)).toBe(url));

  it.each(['', 'handbook', 'https://', 'https:// a', 'http://exa', 'ftp://example.com', 'javascript:alert(1)'])(
    'finds none in %j',
    (query) => expect(addressIn(query)).toBeNull(),
  );
});

it('knows the same thing again, whatever shape it has', () => {
  expect(keyOf({ type: 'file', id: 'a' })).not.toBe(keyOf({ type: 'chat', id: 'a' }));
  expect(keyOf({ type: 'url', url: 'https://a.example' })).toBe(keyOf({ type: 'text', url: 'https://a.example' }));
});

it('says where a thing can be looked at', () => {
  expect(placeOf({ type: 'file', id: 'a/b' })).toBe('/api/v1/files/a%2Fb/content');
  expect(placeOf({ type: 'collection', id: 'k' })).toBe('/workspace/knowledge/k');
  expect(placeOf({ type: 'text', url: 'https://a.example' })).toBe('https://a.example');
  expect(placeOf({ type: 'text', url: 'javascript:alert(1)' })).toBeNull();
});
