// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { BlockSplitter, type Block } from './blocks';
import { mend } from './mend';
import { renderProse } from './render';

const SAMPLE = `# Title

A paragraph with **bold**, \`code\` and a [link](https://example.org).

- one

- two
  \`\`\`js
  nested();
  \`\`\`
- three

1. first

2. second

\`\`\`python
def f():
    return "\`\`"

print(f())
\`\`\`

| a | b |
|---|---|
| 1 | 2 |

> quote
> more

$$
x^2

y
$$

Setext
======

Last [reference][r].

[r]: https://example.org
`;

function html(blocks: Block[]): string {
  return blocks
    .map((block) => (block.kind === 'code' ? `<code ${block.language}>${block.code}</code>` : renderProse(block)))
    .join('');
}

describe('BlockSplitter', () => {
  it.each([SAMPLE, SAMPLE.slice(0, SAMPLE.indexOf('Last'))])(
    'ends with the same page whether the text came at once or in pieces',
    (text) => {
      const whole = html(new BlockSplitter().update(text, false));
      for (const step of [1, 3, 7, 40]) {
        const splitter = new BlockSplitter();
        for (let end = 0; end < text.length; end += step) splitter.update(text.slice(0, end), true);
        expect(html(splitter.update(text, false))).toBe(whole);
      }
    },
  );

  it('keeps keys unique and covers the text at every step', () => {
    const splitter = new BlockSplitter();
    for (let end = 0; end <= SAMPLE.length; end++) {
      const keys = splitter.update(SAMPLE.slice(0, end), true).map((block) => block.key);
      expect(new Set(keys).size).toBe(keys.length);
      expect([...keys].sort((a, b) => a - b)).toEqual(keys);
    }
  });

  it('keeps every block but the last two as the same object while the text grows', () => {
    const splitter = new BlockSplitter();
    let before = splitter.update('', true);
    for (let end = 1; end <= SAMPLE.length; end++) {
      const now = splitter.update(SAMPLE.slice(0, end), true);
      for (let i = 0; i < before.length - 2; i++) expect(now[i]).toBe(before[i]);
      before = now;
    }
  });

  it('keeps finished blocks as the same objects when the answer ends', () => {
    const splitter = new BlockSplitter();
    const text = 'One.\n\nTwo.\n\nThree.';
    const running = splitter.update(text, true);
    const done = splitter.update(text, false);
    expect(done.slice(0, 2)).toEqual(running.slice(0, 2));
    expect(done[0]).toBe(running[0]);
  });

  it('shows an unfinished fence as code, without half of its closing marks', () => {
    const [block] = new BlockSplitter().update('```ts\nconst a = 1;\n``', true);
    expect(block).toMatchObject({ kind: 'code', language: 'ts', code: 'const a = 1;', open: true });
    const [closed] = new BlockSplitter().update('```ts\nconst a = 1;\n```', true);
    expect(closed).toMatchObject({ code: 'const a = 1;', open: false });
  });

  it('starts again when the text was replaced', () => {
    const splitter = new BlockSplitter();
    splitter.update('One.\n\nTwo.\n\nThree.\n\nFour.', true);
    expect(html(splitter.update('Else.', true))).toContain('Else.');
  });

  it('reads 400 KB that arrive in 4,000 pieces in linear time', () => {
    const paragraph = 'Some words of an answer that goes on and on, with **bold** and `code`.\n\n';
    const text = paragraph.repeat(Math.ceil(400_000 / paragraph.length));
    const splitter = new BlockSplitter();
    const start = performance.now();
    for (let end = 0; end < text.length; end += 100) splitter.update(text.slice(0, end), true);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe('mend', () => {
  it.each([
    ['plain', 'plain'],
    ['a **bold', 'a **bold**'],
    ['a **bold**', 'a **bold**'],
    ['a **', 'a '],
    ['a `code', 'a `code`'],
    ['a `', 'a '],
    ['see [the docs](https://exa', 'see the docs'],
    ['see [the do', 'see the do'],
    ['see [the docs](https://example.org)', 'see [the docs](https://example.org)'],
    ['- [ ', '- ['],
    ['- [x', '- [x'],
    ['~~gone', '~~gone~~'],
  ])('%s → %s', (raw, mended) => expect(mend(raw)).toBe(mended));
});
