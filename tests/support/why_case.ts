/** What `pirouter why` says of a request, while its daemon runs. */

import assert from "node:assert/strict";
import { type Rung, SPARE_TEXT } from "./cascade_case.ts";
import { run } from "./cli_run.ts";
import type { Row, TestDaemon } from "./daemon.ts";
import type { Got } from "./got.ts";
import type { Exchange, Script } from "./upstream.ts";

/** What `why --json` says, as far as it is looked at here. */
export interface Report {
  readonly id: string;
  readonly status: string;
  readonly "http_status": number;
  readonly "route_rule": string;
  readonly "primary_model": string;
  readonly "final_model": string | null;
  readonly "ttft_ms": number | null;
  readonly "latency_ms": number;
  readonly explanation: {
    readonly reasons: readonly string[];
    readonly candidates: readonly { readonly alias: string }[];
    readonly rejected: readonly { readonly alias: string; readonly reason: string }[];
    readonly otherwise: { readonly alias: string; readonly reason: string } | null;
  };
  readonly attempts: readonly Row[];
}

/** Runs `pirouter why` and gives what it prints. */
export async function why(daemon: TestDaemon, ...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run(["why", ...args, "--ledger", daemon.ledgerPath]);
  assert.deepEqual([code, err], [0, ""]);
  return out;
}

/** Runs `pirouter why --json`. */
export async function readReport(daemon: TestDaemon, id: string): Promise<Report> {
  return JSON.parse(await why(daemon, id, "--json"));
}

/** The request's id, as its response tells it. */
export function idOf({ headers }: Got): string {
  return headers.get("x-pirouter-request-id") ?? "";
}

/** A script that answers. */
export async function answers(exchange: Exchange): Promise<void> {
  await exchange.answer({ text: [SPARE_TEXT] });
}

/** Candidates m1, m2 … with these scripts. */
export function rungsOf(scripts: readonly Script[]): readonly Rung[] {
  return scripts.map((script, index) => ({ alias: `m${index + 1}`, kind: "openai", script }));
}

/** The attempt that was shown began to be shown after it began, and no other was. */
export function assertCommit(report: Report, shown: number | null, stream: boolean): void {
  for (const attempt of report.attempts) {
    const { started_ms: started, committed_ms: committed } = attempt;
    assert.ok(Number(started) >= 0);
    if (attempt["seq"] !== shown) assert.equal(committed, null);
    else assert.ok(Number(committed) >= Number(started) && Number(committed) > 0);
    if (attempt["seq"] !== shown) continue;
    assert.equal(report["ttft_ms"], stream ? committed : null);
    assert.ok(Number(committed) <= report["latency_ms"]);
  }
}
