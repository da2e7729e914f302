/** What `deno task eval` prints. */

import type { Reliability, SetResults } from "./evaluation.ts";
import type { Latencies, Latency } from "./latency.ts";

/** All that an evaluation finds. */
export interface Evaluation {
  readonly sets: readonly SetResults[];
  readonly reliability: readonly Reliability[];
  readonly latency: Latencies;
  readonly modelBytes: number;
}

const NOTHING = "-";

/** The results as aligned columns, or as a table of Markdown. */
export function formatEvaluation(evaluation: Evaluation, isMarkdown: boolean): string {
  const { sets, reliability, latency } = evaluation;
  const routers = sets[0]?.results.map(({ router }) => router) ?? [];
  const trained = routers.slice(1);
  const header = [
    "set",
    "prompts",
    ...routers.map((router) => `APGR ${router}`),
    ...trained.map((router) => `CPT50 ${router}`),
    ...trained.map((router) => `CPT80 ${router}`),
  ];
  const rows = sets.map(({ set, count, results }) => [
    set,
    String(count),
    ...results.map(({ apgr }) => apgr === null ? NOTHING : apgr.toFixed(3)),
    ...results.slice(1).map(({ cpt50 }) => formatShare(cpt50)),
    ...results.slice(1).map(({ cpt80 }) => formatShare(cpt80)),
  ]);
  const tenths = reliability.map(({ count, meanScore, meanFailure }) => [
    meanScore.toFixed(3),
    meanFailure.toFixed(3),
    String(count),
  ]);
  const format = isMarkdown ? formatMarkdown : formatColumns;
  return [
    format(summaryRows(evaluation)),
    format([header, ...rows]),
    reliability.length === 0
      ? 'What a score means is left out: too few of the prompts are judged (have "mid").\n'
      : format([["mean score", "weak answers refused", "requests"], ...tenths]),
    format([
      ["characters", "prompts", "p50 µs", "p99 µs"],
      ...latency.bands.map((band) => [
        formatBand(band),
        String(band.count),
        band.p50Us.toFixed(0),
        band.p99Us.toFixed(0),
      ]),
    ]),
  ].join("\n");
}

/** The results on all prompts together, with what the model takes; baselines take nothing worth a number. */
function summaryRows({ sets, latency: { all }, modelBytes }: Evaluation): readonly string[][] {
  const pooled = sets.at(-1)?.results ?? [];
  const header = ["router", "APGR", "CPT50", "CPT80", "bytes", "p50 µs", "p99 µs"];
  const rows = pooled.map(({ router, apgr, cpt50, cpt80 }, index) => [
    router,
    apgr === null ? NOTHING : apgr.toFixed(3),
    formatShare(cpt50),
    formatShare(cpt80),
    ...(index === pooled.length - 1
      ? [modelBytes.toLocaleString("en"), all.p50Us.toFixed(0), all.p99Us.toFixed(0)]
      : [NOTHING, NOTHING, NOTHING]),
  ]);
  return [header, ...rows];
}

function formatBand({ fromChars, toChars }: Latency): string {
  const [first, last] = [fromChars, toChars - 1].map((chars) => chars.toLocaleString("en"));
  if (first === last) return `${first}`;
  return toChars === Infinity ? `from ${first}` : `${first} to ${last}`;
}

function formatShare(share: number | null): string {
  return share === null ? NOTHING : `${(100 * share).toFixed(0)} %`;
}

/** All cells but a row's first end at the right edge. */
function formatColumns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length))
  );
  return rows.map((row) =>
    row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    }).join("  ") + "\n"
  ).join("");
}

function formatMarkdown([header = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return [line(header), line(header.map((_, column) => column === 0 ? "---" : "--:"))]
    .concat(rows.map(line)).join("");
}
