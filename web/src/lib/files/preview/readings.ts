import type { Schemas } from '#lib/api/client.ts';
import { shownOf, type Table } from './table.ts';

export type Segment = Pick<Schemas['FileSegment'], 'text'> & Partial<Schemas['FileSegment']>;

/** What stands in a document: a heading (`level` from 1), a table, or text. */
export type Block =
  { kind: 'heading'; level: number; text: string } | { kind: 'table'; table: Table } | { kind: 'text'; text: string };

/** A page (from 1) or a sheet of a file, or all of it where it has neither. */
export type Part = { page: number | null; sheet: string | null; blocks: Block[] };

/**
 * The text that was read from a file by its pages and sheets. `office`: headings are marked and rows of tables are lines
 * with bars, as they are where text was read from an Office document; elsewhere these signs are what the file says.
 */
export function partsOf(segments: readonly Segment[], { office }: { office: boolean }): Part[] {
  const parts: { page: number | null; sheet: string | null; texts: string[] }[] = [];
  for (const { text, page = null, sheet = null } of segments) {
    const shown = page === null ? null : page + 1;
    const last = parts.at(-1);
    if (last?.page === shown && last.sheet === sheet) last.texts.push(text);
    else parts.push({ page: shown, sheet, texts: [text] });
  }
  return parts.map(({ page, sheet, texts }) => ({
    page,
    sheet,
    blocks: sheet === null ? texts.flatMap((text) => blocksOf(text, office)) : sheetOf(texts.join('\n')),
  }));
}

const HEADING = /^(#{1,6}) +(\S.*)$/;
const isRow = (line: string) => line.includes(' | ');
const textBlock = (lines: string[]): Block[] => {
  const text = lines.join('\n').replace(/^\n+|\n+$/g, '');
  return text.trim() ? [{ kind: 'text', text }] : [];
};

function blocksOf(text: string, office: boolean): Block[] {
  if (!office) return textBlock([text]);
  const blocks: Block[] = [];
  let gathered: string[] = [];
  const end = () => {
    blocks.push(...(gathered.length > 1 && gathered.every(isRow) ? rowsOf(gathered) : textBlock(gathered)));
    gathered = [];
  };
  for (const line of text.split('\n')) {
    const heading = HEADING.exec(line);
    const other = gathered.length > 0 && isRow(line) !== isRow(gathered.at(-1)!);
    if (heading || other) end();
    if (heading) blocks.push({ kind: 'heading', level: heading[1]!.length, text: heading[2]! });
    else gathered.push(line);
  }
  end();
  return blocks;
}

function rowsOf(lines: string[]): Block[] {
  const [head = [], ...rows] = lines.map((line) => line.split(' | ').map((cell) => cell.trim()));
  return [{ kind: 'table', table: shownOf(head, rows) }];
}

/** The rows of a sheet: with bars between the values, or each value behind the name of its column; else its text. */
function sheetOf(text: string): Block[] {
  const [first = '', ...lines] = text.split('\n').filter((line) => line.trim());
  if (!isRow(first)) return textBlock([text]);
  const names = first.split(' | ');
  if (lines.every(isRow)) return rowsOf([first, ...lines]);
  const rows = lines.map((line) => valuesOf(line, names));
  return rows.every((row) => row !== null) ? [{ kind: 'table', table: shownOf(names, rows) }] : textBlock([text]);
}

/** The values of `Name: value; Other: value` by the names of the columns, which stand in their order; null where they do not. */
function valuesOf(line: string, names: readonly string[]): string[] | null {
  const row = names.map(() => '');
  let at = -1;
  for (const piece of line.split('; ')) {
    const next = names.findIndex((name, column) => column > at && name !== '' && piece.startsWith(`${name}: `));
    if (next >= 0) row[(at = next)] = piece.slice(names[next]!.length + 2);
    else if (at >= 0) row[at] += `; ${piece}`;
    else return null;
  }
  return row;
}
