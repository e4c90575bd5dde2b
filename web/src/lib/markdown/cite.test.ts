import { JSDOM } from 'jsdom';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { citedParts, openCites, renderCites } from './cite.ts';

describe('citedParts', () => {
  it.each([
    ['Whales [1] breathe [2, 3].', ['Whales ', [1], ' breathe ', [2, 3], '.']],
    ['Both[1][2]', ['Both', [1], [2]]],
    ['【3†source】', [[3]]],
    ['Nothing [4] here [0] [x] [ ]', ['Nothing [4] here [0] [x] [ ]']],
    ['An item [1 of many', ['An item [1 of many']],
    ['', []],
  ])('reads %j', (text, parts) => expect(citedParts(text, 3)).toEqual(parts));
});

describe('marks in a block', () => {
  const { window } = new JSDOM('<div><p>Sea [1], <b>air [1][2]</b> <code>a[1]</code> <a href="/">[2]</a></p></div>');
  const names = ['sea.pdf', 'air.md'];
  const label = (number: number, name: string) => `Source ${number}: ${name}`;

  beforeAll(() => {
    vi.stubGlobal('document', window.document);
    vi.stubGlobal('NodeFilter', window.NodeFilter);
    vi.stubGlobal('Element', window.Element);
  });
  afterAll(() => vi.unstubAllGlobals());

  it('become buttons, in code and links not, and each once', () => {
    const node = window.document.querySelector('div')!;
    const opened: number[] = [];
    const cites = { names, label, open: (number: number) => opened.push(number) };
    renderCites(node, cites);
    renderCites(node, cites);
    const buttons = [...node.querySelectorAll<HTMLElement>('[data-cite]')];
    expect(buttons.map((each) => each.getAttribute('aria-label'))).toEqual([
      'Source 1: sea.pdf',
      'Source 1: sea.pdf',
      'Source 2: air.md',
    ]);
    expect(node.querySelector('code')!.innerHTML).toBe('a[1]');
    const stop = openCites(node, cites);
    buttons[2]!.click();
    node.querySelector('p')!.click();
    stop();
    buttons[0]!.click();
    expect(opened).toEqual([2]);
  });
});
