import { expect, it } from 'vitest';
import { kindOf } from './kinds.ts';

it.each([
  ['a.png', 'image/png', 'image'],
  ['drawing.svg', 'image/svg+xml', 'code'],
  ['a', 'application/pdf', 'pdf'],
  ['a.PDF', 'application/octet-stream', 'pdf'],
  ['a.md', '', 'markdown'],
  ['a.csv', 'text/csv', 'table'],
  ['main.py', 'text/x-python', 'code'],
  ['Makefile', '', 'code'],
  ['notes.txt', 'text/plain', 'text'],
  ['README', 'text/plain', 'text'],
  ['report.docx', 'application/octet-stream', 'document'],
  ['talk.mp3', 'audio/mpeg', 'audio'],
  ['film.mp4', 'video/mp4', 'video'],
  ['talk.mp3', 'application/octet-stream', 'audio'],
  ['film.webm', '', 'video'],
  ['constructor', '', 'other'],
  ['a.bin', 'application/octet-stream', 'other'],
])('shows %s (%s) as %s', (name, type, kind) => {
  expect(kindOf(name, type)).toBe(kind);
});
