import { dsvFormat } from 'd3-dsv';

/** Rows that are shown at most. */
export const MOST_ROWS = 500;
const SIGNS = [',', ';', '\t', '|'];

/** What separates the columns: of the signs it may be, the one that the first lines have most evenly. */
export function separatorOf(text: string): string {
  const lines = text.split('\n', 12).filter((line) => line.trim());
  const score = (sign: string) => {
    const counts = lines.map((line) => line.split(sign).length - 1);
    const least = Math.min(...counts);
    return least > 0 ? least : Math.max(...counts, 0) / 100;
  };
  return SIGNS.reduce((best, sign) => (score(sign) > score(best) ? sign : best), ',');
}

export type Table = { head: string[]; rows: string[][]; more: number };

/** A table from its text: the heads of the columns, and as many rows as are shown. */
export function tableOf(text: string): Table {
  const all = dsvFormat(separatorOf(text)).parseRows(text.replace(/^\ufeff/, ''));
  const [head = [], ...rows] = all.filter((row) => row.length > 1 || row[0]);
  return shownOf(head, rows);
}

/** As many rows as are shown, each as wide as the widest, and how many more there are. */
export function shownOf(head: string[], all: string[][]): Table {
  const rows = all.slice(0, MOST_ROWS);
  const width = Math.max(...[head, ...rows].map((row) => row.length));
  const filled = (row: string[]) => Array.from({ length: width }, (_, column) => row[column] ?? '');
  return { head: filled(head), rows: rows.map(filled), more: all.length - rows.length };
}
