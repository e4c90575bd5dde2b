/** What no file system has in names, and what would make a folder of one. */
// eslint-disable-next-line no-control-regex -- control characters are among them
const FORBIDDEN = /[\u0000-\u001f\u007f/\\:*?"<>|]+/g;

/** A text as a file; Markdown, which plain text is as well. */
export function textFile(title: string, text: string): File {
  const name = title.replace(FORBIDDEN, ' ').replace(/\s+/g, ' ').replace(/^\.+/, '').trim().slice(0, 120);
  return new File([text], `${name || 'text'}.md`, { type: 'text/markdown' });
}

/** An entry as an address of the web, null where it is none; one without `https://` is meant so. */
export function asAddress(entry: string): string | null {
  const text = entry.trim();
  const whole = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  try {
    const { hostname, href } = new URL(whole);
    return hostname.includes('.') && !/\s/.test(text) ? href : null;
  } catch {
    return null;
  }
}

/** The addresses of an entry, one a line, and the lines that are none. */
export function addressesIn(entry: string): { addresses: string[]; wrong: string[] } {
  const lines = entry.split(/\n/).filter((line) => line.trim());
  const addresses = lines.flatMap((line) => asAddress(line) ?? []);
  return { addresses: [...new Set(addresses)], wrong: lines.filter((line) => asAddress(line) === null) };
}
