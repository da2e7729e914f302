/** Tables and numbers as a terminal shows them. */

import { escapeLine } from "../redact.ts";

const BOLD = "\u001b[1m";
const RESET = "\u001b[0m";
const GAP = "  ";

/** How a table looks. */
export interface TableOptions {
  readonly header?: readonly string[];
  /** The columns, counted from 0, whose cells end at the right edge: numbers. */
  readonly alignRight?: readonly number[];
  /** Whether the header is bold. */
  readonly hasColor: boolean;
}

/** The rows as aligned lines that each end with a line break; an empty text when there are none. */
export function formatTable(
  rows: readonly (readonly string[])[],
  options: TableOptions,
): string {
  const all = options.header === undefined ? rows : [options.header, ...rows];
  const cells = all.map((row) => row.map(escapeLine));
  const widths = columnWidths(cells);
  const isRight = new Set(options.alignRight);
  const lines = cells.map((row) =>
    row.map((cell, column) => pad(cell, widths[column] ?? 0, isRight.has(column)))
      .join(GAP).trimEnd()
  );
  const hasBoldHeader = options.header !== undefined && options.hasColor;
  return lines.map((line, index) =>
    hasBoldHeader && index === 0 ? `${BOLD}${line}${RESET}\n` : `${line}\n`
  ).join("");
}

function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  return Array.from(
    { length: count },
    (_, column) => rows.reduce((width, row) => Math.max(width, displayWidth(row[column] ?? "")), 0),
  );
}

function pad(cell: string, width: number, isRight: boolean): string {
  const space = " ".repeat(width - displayWidth(cell));
  return isRight ? space + cell : cell + space;
}

/** Scripts and symbols that terminals draw two columns wide: https://www.unicode.org/reports/tr11/ */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const ZERO_WIDTH = /\p{Mark}|\u200b|\u200d/u;

/** The columns that a text takes on a terminal, near enough for a table. */
function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) {
    if (ZERO_WIDTH.test(char)) continue;
    width += WIDE.test(char) ? 2 : 1;
  }
  return width;
}

/** US dollars: cents from a dollar up, else three significant digits, so that small costs are not 0; null is "?". */
export function formatUsd(usd: number | null): string {
  if (usd === null) return "?";
  if (usd === 0) return "$0";
  const places = usd >= 1 ? 2 : Math.min(12, 2 - Math.floor(Math.log10(usd)));
  const text = usd.toFixed(Math.max(2, places));
  // Beyond the second place a zero at the end says nothing.
  return "$" + text.replace(/(\.\d\d\d*?)0+$/, "$1");
}

/** A count of tokens with a separator between thousands; null is "?". */
export function formatTokens(tokens: number | null): string {
  return tokens === null ? "?" : String(Math.round(tokens)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A duration given in milliseconds, in the unit that reads best; null is "?". */
export function formatMs(ms: number | null): string {
  if (ms === null) return "?";
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A moment, given in milliseconds since 1970, in this machine's time zone: `2026-01-31 09:05:00`. */
export function formatTime(ts: number): string {
  const date = new Date(ts);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}
