import { describe, expect, it } from 'vitest';
import { findPassage } from './passage.ts';

const page = ['The lighthouse ', 'was built in 18', '04 by a com-', 'mittee of fish', 'ermen.'];

describe('findPassage', () => {
  it('finds a passage over lines, whatever spaces and hyphens are between them', () => {
    expect(findPassage(page, 'built in 1804 by a committee')).toEqual([1, 3]);
    expect(findPassage(page, 'LIGHTHOUSE\n was')).toEqual([0, 1]);
  });
  it('finds letters that a font joins', () => {
    expect(findPassage(['a ﬁne day'], 'fine')).toEqual([0, 0]);
  });
  it('finds one that goes on on the next page, or began on the one before', () => {
    const words = 'and the rest of this sentence, which is a long one with many words in it, stands elsewhere';
    expect(findPassage(['Begin', ` ${words.slice(0, 76)}`], `${words} on the next page`)).toEqual([1, 1]);
    expect(findPassage([words, 'More.'], `before it: ${words}`)).toEqual([0, 0]);
  });
  it('finds where most of it stands, not where its first sentence stands first', () => {
    const again = 'Please note that all of our prices include the tax.';
    const rest = 'A room with a view of the harbour costs ninety a night, breakfast at eight.';
    const lines = [again, 'Dogs are welcome.', again, rest, again, 'Cats are not.'];
    expect(findPassage(lines, `${again}\n${rest}`)).toEqual([2, 3]);
    expect(findPassage(lines, `${rest} ${again}`)).toEqual([3, 4]);
    expect(findPassage(lines, again)).toEqual([0, 0]);
  });
  it('finds the longer piece of one that is interrupted', () => {
    const [begin, end] = ['The crossing takes about', 'forty minutes in calm weather and an hour when the wind is up'];
    expect(findPassage([begin, 'page 12 of 80', end], `${begin} ${end}`)).toEqual([2, 2]);
  });
  it('does not take a few letters for the passage', () => {
    expect(
      findPassage(['the rest of the story'], 'the rest of our prices, with all that belongs to them, is here'),
    ).toBeNull();
  });
  it('finds a passage in a very long document without keeping anybody waiting', () => {
    const words = Array.from({ length: 200_000 }, (_, number) => `word${number % 977} `);
    const begun = performance.now();
    expect(findPassage([...words, ...page], `${page.join('')}`)).toEqual([200_000, 200_004]);
    expect(performance.now() - begun).toBeLessThan(4000);
  });
  it('finds nothing where nothing is', () => {
    expect(findPassage(page, 'a whale')).toBeNull();
    expect(findPassage([], 'x')).toBeNull();
    expect(findPassage(page, ' … ')).toBeNull();
  });
});
