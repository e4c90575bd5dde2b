/** Inline marks that pair up, longest first. */
const PAIRS = ['**', '~~'];

/**
 * Closes what the last block of a growing text has opened (bold, code, a link), so that it does not show as raw marks
 * until its end arrives.
 */
export function mend(raw: string): string {
  const tail = raw.replace(/\s+$/, '');
  const codeless = tail.replace(/`[^`\n]*`/g, '');
  if (codeless.includes('`')) return /`$/.test(tail) ? tail.slice(0, -1) : `${tail}\``;
  const link = /!?\[([^\][\n]*)(?:\](?:\([^()\s]*)?)?$/.exec(tail);
  const linkless =
    link && link[0] !== tail.slice(-1) && !isTask(tail, link) && !isCitation(link)
      ? tail.slice(0, link.index) + link[1]
      : tail;
  let mended = linkless;
  for (const mark of PAIRS) {
    if (codeless.split(mark).length % 2 === 1) continue;
    mended = mended.endsWith(mark) ? mended.slice(0, -mark.length) : mended + mark;
  }
  return mended;
}

/** `- [ ` or `- [x]` opens a task, not a link. */
function isTask(tail: string, link: RegExpExecArray): boolean {
  return /^[ x]?$/i.test(link[1] ?? '') && /(?:^|\n)\s*(?:[-*+]|\d+[.)])\s+$/.test(tail.slice(0, link.index));
}

/** `[1]` refers to a source; a link would have words. */
function isCitation(link: RegExpExecArray): boolean {
  return link[0].endsWith(']') && /^[\d,; ]+$/.test(link[1] ?? '');
}
