/** A word being typed that picks something: `@` a model for this question, `/` a prompt, `#` something to draw on. */
export interface Trigger {
  kind: '@' | '/' | '#';
  /** What is typed behind it, as it is. */
  query: string;
  /** Where the word begins and ends in the text. */
  from: number;
  to: number;
}

/** The trigger that the caret is in; a prompt is called at the beginning of a line, the others at that of a word. */
export function triggerAt(text: string, caret: number): Trigger | null {
  const found = /(?:^|(?<=\n))\/[^\s/]*$|(?:^|(?<=\s))[@#]\S*$/.exec(text.slice(0, caret));
  if (!found) return null;
  const word = found[0];
  // `##` begins a heading.
  if (/^#[#!]/.test(word)) return null;
  return { kind: word[0] as Trigger['kind'], query: word.slice(1), from: found.index, to: caret };
}

/** What fits best first: those that begin with the words, then those that have them. */
export function matching<Item>(
  items: readonly Item[],
  query: string,
  names: (item: Item) => string[],
  most = 8,
): Item[] {
  const wanted = query.toLowerCase();
  const place = (item: Item) => {
    const found = names(item).map((name) => name.toLowerCase().indexOf(wanted));
    return found.includes(0) ? 0 : found.some((at) => at > 0) ? 1 : 2;
  };
  const placed = items.map((item) => ({ item, place: place(item) })).filter((each) => each.place < 2);
  return placed.sort((a, b) => a.place - b.place).map((each) => each.item).slice(0, most); // prettier-ignore
}
