/** A page that is not looked at paints nothing, and a server may take its time: it goes on after a while all the same. */
const LONGEST_WAIT = 3000;

/** What the first screen has to wait for. */
const parts: Promise<void>[] = [];

const late = new Promise<void>((resolve) => setTimeout(resolve, LONGEST_WAIT));

const painted = new Promise<void>((resolve) => {
  new PerformanceObserver((entries) => {
    if (entries.getEntriesByName('first-contentful-paint').length > 0) resolve();
  }).observe({ type: 'paint', buffered: true });
});

const shown = Promise.race([late, painted.then(() => Promise.all(parts))]);

/** Counts something that is still to come as a part of the first screen; to be called once it is on the page. */
export function awaitPart(): () => void {
  let arrived = () => {};
  parts.push(new Promise((resolve) => (arrived = resolve)));
  return arrived;
}

/** Runs something that the first screen does not need, once it is painted and the browser has nothing better to do. */
export function whenIdle(run: () => void): void {
  void shown.then(() => {
    if (typeof requestIdleCallback === 'function') requestIdleCallback(run, { timeout: 3000 });
    else setTimeout(run, 200);
  });
}
