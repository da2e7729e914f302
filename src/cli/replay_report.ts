/** What `replay` prints. */

import type { Flip, Replay } from "../core/replay.ts";
import { escapeLine } from "../redact.ts";
import { withSnakeKeys } from "./snake_keys.ts";
import { formatTable, formatTokens, formatUsd } from "./table.ts";

/** A replay with what it was made from. */
export interface ReplaySubject {
  readonly replay: Replay;
  /** The config. */
  readonly file: string;
  readonly ledgerPath: string;
  readonly hours: number;
}

/** Costs of flips, then and now, in US dollars. */
interface FlipCost {
  readonly thenUsd: number;
  readonly nowUsd: number;
  /** Flips with an unknown price; they are in neither sum. */
  readonly unpricedCount: number;
}

/** The replay for people. */
export function formatReplay(subject: ReplaySubject, hasColor: boolean): string {
  const { replay, file, ledgerPath, hours } = subject;
  const span = hours === 1 ? "hour" : `${hours} hours`;
  if (replay.requestCount === 0) {
    return escapeLine(`No requests in the last ${span} (ledger ${ledgerPath})`) + "\n";
  }
  return [
    escapeLine(`The last ${span}, decided again by ${file} (ledger ${ledgerPath})`) + "\n\n",
    formatTable(summaryRows(replay), { hasColor: false }),
    formatFlips(replay.flips, hasColor),
    formatRules(replay, hasColor),
    formatUnknown(replay),
  ].join("");
}

function summaryRows(replay: Replay): readonly (readonly string[])[] {
  const { requestCount, decidedCount, unrecordedCount, flips } = replay;
  const undecided = requestCount - decidedCount - unrecordedCount;
  const rest = [
    ...(unrecordedCount === 0
      ? []
      : [`${unrecordedCount} without a record (an older pirouter wrote them)`]),
    ...(undecided === 0 ? [] : [`${undecided} that can't be decided (see below)`]),
  ];
  const share = decidedCount === 0 ? "" : ` (${(100 * flips.length / decidedCount).toFixed(1)} %)`;
  return [
    ["requests", [`${formatTokens(decidedCount)} decided again`, ...rest].join(", ")],
    ["flips", flips.length === 0 ? "none: each would go where it went" : `${flips.length}${share}`],
    ...(flips.length === 0 ? [] : [["cost", describeCost(sumCosts(flips))]]),
  ];
}

function sumCosts(flips: readonly Flip[]): FlipCost {
  const priced = flips.filter(({ fromUsd, toUsd }) => fromUsd !== null && toUsd !== null);
  return {
    thenUsd: priced.reduce((sum, { fromUsd }) => sum + (fromUsd ?? 0), 0),
    nowUsd: priced.reduce((sum, { toUsd }) => sum + (toUsd ?? 0), 0),
    unpricedCount: flips.length - priced.length,
  };
}

function describeCost({ thenUsd, nowUsd, unpricedCount }: FlipCost): string {
  const change = nowUsd - thenUsd;
  const word = change === 0
    ? "no change"
    : `${formatUsd(Math.abs(change))} ${change < 0 ? "less" : "more"}`;
  const unpriced = unpricedCount === 0
    ? ""
    : `; ${unpricedCount} flips have an unknown price and are left out`;
  return `of the flips ${formatUsd(thenUsd)} then, ${formatUsd(nowUsd)} now: ${word} ` +
    `(now: one answer with as many tokens${unpriced})`;
}

function formatFlips(flips: readonly Flip[], hasColor: boolean): string {
  if (flips.length === 0) return "";
  const groups = Map.groupBy(
    flips,
    ({ fromModel, toModel, toRule }) => JSON.stringify([fromModel, toModel, toRule]),
  );
  const sorted = [...groups.values()].toSorted((a, b) => b.length - a.length);
  const rows = sorted.map((group) => {
    const [first] = group;
    const { thenUsd, nowUsd, unpricedCount } = sumCosts(group);
    const isUnknown = unpricedCount === group.length;
    return [
      formatTokens(group.length),
      nameOf(first?.fromModel),
      nameOf(first?.toModel),
      first?.toRule ?? "",
      formatUsd(isUnknown ? null : thenUsd),
      formatUsd(isUnknown ? null : nowUsd),
    ];
  });
  const header = ["requests", "from", "to", "by", "then", "now"];
  return "\nFlips\n" + formatTable(rows, { header, alignRight: [0, 4, 5], hasColor });
}

function nameOf(alias: string | undefined): string {
  return alias === undefined || alias === "" ? "(refused)" : alias;
}

function formatRules({ ruleCounts }: Replay, hasColor: boolean): string {
  if (ruleCounts.size === 0) return "";
  const rows = [...ruleCounts].map(([name, count]) => [
    name,
    formatTokens(count),
    count === 0 ? "never fires" : "",
  ]);
  return "\nWhat decides\n" +
    formatTable(rows, { header: ["rule", "requests", ""], alignRight: [1], hasColor });
}

function formatUnknown({ unknownTests }: Replay): string {
  if (unknownTests.size === 0) return "";
  const lines = [...unknownTests].map(([test, count]) =>
    `  - ${escapeLine(test)}: ${count === 1 ? "1 request" : `${count} requests`}\n`
  );
  return "\nCan't be decided: these conditions read what the ledger does not keep\n" +
    lines.join("");
}

/** The replay for programs. */
export function formatReplayJson({ replay, file, ledgerPath, hours }: ReplaySubject): string {
  const { flips, ruleCounts, unknownTests, requestCount, decidedCount, unrecordedCount } = replay;
  const { thenUsd, nowUsd, unpricedCount } = sumCosts(flips);
  return JSON.stringify(
    {
      "config": file,
      "ledger": ledgerPath,
      "hours": hours,
      "requests": requestCount,
      "decided": decidedCount,
      "unrecorded": unrecordedCount,
      "undecided": Object.fromEntries(unknownTests),
      "flip_count": flips.length,
      "cost": { "then_usd": thenUsd, "now_usd": nowUsd, "unpriced_flips": unpricedCount },
      "rules": Object.fromEntries(ruleCounts),
      "rules_that_never_fire": [...ruleCounts].flatMap(([name, count]) =>
        count === 0 ? [name] : []
      ),
      "flips": flips.map(withSnakeKeys),
    },
    null,
    2,
  ) + "\n";
}
