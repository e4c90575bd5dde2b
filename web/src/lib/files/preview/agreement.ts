/** A state of the automaton: the longest text that leads to it, where it goes on, and the longest ending of it elsewhere. */
type State = { length: number; next: Map<string, number>; link: number };

/**
 * The automaton of all pieces of a text, which tells in one pass where another text agrees with it the longest:
 * Blumer et al., "The smallest automaton recognizing the subwords of a text" (1985). Twice as many states as letters.
 */
function automatonOf(text: string): State[] {
  const states: State[] = [{ length: 0, next: new Map(), link: -1 }];
  let last = 0;
  for (const letter of text.split('')) {
    const now = states.push({ length: states[last]!.length + 1, next: new Map(), link: 0 }) - 1;
    let at = last;
    for (; at >= 0 && !states[at]!.next.has(letter); at = states[at]!.link) states[at]!.next.set(letter, now);
    if (at >= 0) states[now]!.link = linkFor(states, at, letter);
    last = now;
  }
  return states;
}

/** The state that a new one ends like, set apart where it stands for longer texts too. */
function linkFor(states: State[], from: number, letter: string): number {
  const there = states[from]!.next.get(letter)!;
  const length = states[from]!.length + 1;
  if (states[there]!.length === length) return there;
  const apart = states.push({ ...states[there]!, next: new Map(states[there]!.next), length }) - 1;
  for (let at = from; at >= 0 && states[at]!.next.get(letter) === there; at = states[at]!.link)
    states[at]!.next.set(letter, apart);
  states[there]!.link = apart;
  return apart;
}

/** The longest piece of `text` that is one of `wanted` too, the first where there are several as long. */
export function longestAgreement(text: string, wanted: string): { start: number; length: number } {
  const states = automatonOf(wanted);
  const best = { start: 0, length: 0 };
  let [at, length] = [0, 0];
  for (let index = 0; index < text.length; index++) {
    const letter = text[index]!;
    while (at > 0 && !states[at]!.next.has(letter)) length = states[(at = states[at]!.link)]!.length;
    const next = states[at]!.next.get(letter);
    if (next === undefined) continue;
    at = next;
    length += 1;
    if (length > best.length) Object.assign(best, { start: index + 1 - length, length });
  }
  return best;
}
