/** Runs something that the first screen does not need, once it is painted and the browser has nothing better to do. */
export function whenIdle(run: () => void): void {
  void painted.then(() => {
    if (typeof requestIdleCallback === 'function') requestIdleCallback(run, { timeout: 3000 });
    else setTimeout(run, 200);
  });
}

/** A page that is not looked at paints nothing: it goes on after a while all the same. */
const LONGEST_WAIT = 3000;

const painted = new Promise<void>((resolve) => {
  setTimeout(resolve, LONGEST_WAIT);
  new PerformanceObserver((entries) => {
    if (entries.getEntriesByName('first-contentful-paint').length > 0) resolve();
  }).observe({ type: 'paint', buffered: true });
});
