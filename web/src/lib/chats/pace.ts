/** Text is shown at most this often, whatever the number of events. */
export const SHOW_MS = 40;
/** A missing piece may only be late: wait this long before asking. */
export const LATE_MS = 150;
/** The stream log lags by up to half a second; ask again after that, then ever more seldom. */
export const AGAIN_MS = 600;
export const SELDOM_MS = 8_000;
/** Without a word for this long, ask how the answer is doing. */
export const SILENCE_MS = 20_000;
