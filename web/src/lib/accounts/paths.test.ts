import { describe, expect, it, vi } from 'vitest';

vi.mock('$app/paths', () => ({ resolve: (path: string) => `/${path}` }));
const { nextPath, signInPath } = await import('./paths');
const at = (path: string) => new URL(path, 'https://cirrus.example');

describe('sign-in paths', () => {
  it('keep the page asked for', () => {
    const path = signInPath(at('/c/1?x=y#z'));
    expect(nextPath(at(path))).toBe('/c/1?x=y#z');
  });
  it('say nothing of the home page', () => expect(signInPath(at('/'))).toBe('/sign-in'));
  it.each(['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '\t//evil.example'])(
    'lead home instead of to %s',
    (next) => expect(nextPath(at(`/sign-in?next=${encodeURIComponent(next)}`))).toBe('/'),
  );
});
