/** A page to the service worker: an answer has ended that the person may want to hear of. */
export interface Ended {
  kind: 'ended';
  /** Where its chat is; null for one that lives in that page alone. */
  path: string | null;
  title: string;
  body: string;
  /** Several tabs may know of the same answer: one tag, one notification. */
  tag: string;
}

/** The service worker to a page: the person wants to see what is here. */
export interface Open {
  kind: 'open';
  path: string;
}

/** The service worker to a page: where are you? The answer goes through the port that comes with it. */
export interface Where {
  kind: 'where';
}
