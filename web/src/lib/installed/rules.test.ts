import { describe, expect, it } from 'vitest';
import { filesOf, isBuilt, isPage } from './rules.ts';

describe('what a service worker answers itself', () => {
  it.each(['/', '/c/0b1e', '/settings/chats', '/s/abc', '/workspace/models/edit'])('%s is a page of the app', (path) =>
    expect(isPage(path)).toBe(true),
  );

  it.each([
    '/api/v1/chats/1',
    '/api/v1/files/1/content',
    '/api',
    '/openai/models',
    '/ollama/api/tags',
    '/oauth/google/callback',
    '/cache/picture',
    '/health',
    '/manifest.json',
    '/ws/socket.io/',
    '/favicon.svg',
    '/manifest.webmanifest',
    '/service-worker.js',
  ])('%s is left to the server', (path) => expect(isPage(path)).toBe(false));

  it('takes only files named by their content for good ones', () => {
    expect(isBuilt('/_app/immutable/chunks/a1.js')).toBe(true);
    expect(isBuilt('/_app/version.json')).toBe(false);
    expect(isBuilt('/api/_app/immutable/a.js')).toBe(false);
  });
});

it('installs what the page names, once each, the languages of this device, and nothing of the API', () => {
  const html = `<link rel="icon" href="/favicon.svg" />
    <link rel="preload" as="fetch" href="/api/v1/auths/" crossorigin />
    <link href="/_app/immutable/entry/start.js" rel="modulepreload">
    <link href="/_app/immutable/assets/first.css" rel="stylesheet">
    <link href="/_app/immutable/entry/start.js" rel="modulepreload">
    <link data-language="de" href="/_app/immutable/chunks/de.js">
    <link data-language="ar" href="/_app/immutable/chunks/ar.js">
    <script>import("/_app/immutable/entry/app.js")</script>`;
  expect(filesOf(html, ['en', 'de'])).toEqual([
    '/_app/immutable/entry/start.js',
    '/_app/immutable/assets/first.css',
    '/_app/immutable/chunks/de.js',
  ]);
});
