/** How many requests are made at once. */
const TOGETHER = 4;

/** Does something for each id, a few at a time; throws the first error when all are through. */
export async function forEach(
  ids: readonly string[],
  act: (id: string) => Promise<unknown>,
  onprogress: (done: number) => void = () => undefined,
): Promise<void> {
  const waiting = [...ids];
  let done = 0;
  let failure: unknown;
  const work = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      await act(id).catch((error: unknown) => (failure ??= error));
      onprogress((done += 1));
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, work));
  if (failure !== undefined) throw failure;
}
