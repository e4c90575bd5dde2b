/** How long is waited for more, in milliseconds, and how much goes at once. */
const MOMENT_MS = 400;
const MOST = 100;

type Waiting<Item> = { item: Item; done: () => void; fail: (error: unknown) => void };

/** Gathers what is asked for within a moment and asks for it at once; each who asked is told how that went. */
export function gather<Item>(
  act: (items: Item[]) => Promise<unknown>,
  moment = MOMENT_MS,
): (item: Item) => Promise<void> {
  const waiting: Waiting<Item>[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function flush(): Promise<void> {
    const some = waiting.splice(0, MOST);
    if (waiting.length > 0) plan(0);
    try {
      await act(some.map(({ item }) => item));
      for (const { done } of some) done();
    } catch (error) {
      for (const { fail } of some) fail(error);
    }
  }

  function plan(ms: number): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      last = last.then(flush);
    }, ms);
  }

  return (item) =>
    new Promise((done, fail) => {
      waiting.push({ item, done, fail });
      plan(moment);
    });
}
