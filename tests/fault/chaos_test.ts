import assert from "node:assert/strict";
import { KINDS, withLadder } from "../support/cascade_case.ts";
import { assertBack, takeBaseline } from "../support/baseline.ts";
import { type ChaosGot, playClient } from "../support/chaos_client.ts";
import { CHAOS_ALIASES, CHAOS_LANES, CHAOS_MARKER, planClient } from "../support/chaos_plan.ts";
import { ChaosRecords, scriptChaos } from "../support/chaos_upstream.ts";
import { CANARY_KEY, type LedgerRows, type Row, type TestDaemon } from "../support/daemon.ts";
import { rowTest } from "../support/fault_row.ts";
import {
  assertEnd,
  assertNoneBusy,
  assertNoSecret,
  assertOneModel,
  assertRecords,
} from "../support/invariants.ts";

/** Seconds of the run; more of them find more. */
const SECS = Number(Deno.env.get("PIROUTER_CHAOS_SECS") ?? 5);

/** What decides the run: set it to that of a failure to see that one again. */
const SEED = Deno.env.get("PIROUTER_CHAOS_SEED") ??
  String(crypto.getRandomValues(new Uint32Array(1))[0]);

/** What this test itself keeps of a request: texts, a line of the log. */
const MB_PER_REQUEST = 0.003;

/**
 * Milliseconds after which no upstream works for a client that has left. Alone it takes less than
 * one; here all clients, the daemon and all upstreams share one thread.
 */
const SEEN_LIMIT_MS = 400;

/** Clients at a time. */
const CLIENT_COUNT = 24;

/** Short, so that a minute holds thousands of requests. */
const PROVIDER = "first_token_timeout_secs = 0.8\nrequest_timeout_secs = 0.8\n" +
  "idle_timeout_secs = 0.6";

const CASCADE = `on_marker = "${CHAOS_MARKER}"\non_short_response = true\n` +
  "min_output_tokens = 8\nmax_wait_secs = 0.2";

const RULES = CHAOS_LANES.map(([primary, ...cascade], lane) =>
  `[[rules]]\nname = "lane-${lane}"\nwhen = { header = { name = "x-lane", equals = "${lane}" } }\n` +
  `then = { primary = "${primary}", cascade = ${JSON.stringify(cascade)} }`
).join("\n");

rowTest("chaos", {
  name: `every request keeps the invariants (PIROUTER_CHAOS_SEED=${SEED}, ${SECS} s)`,
  body: async () => {
    await print(`chaos: ${SECS} s from PIROUTER_CHAOS_SEED=${SEED}`);
    const before = await takeBaseline();
    const records = new ChaosRecords();
    const rungs = CHAOS_ALIASES.map((alias, at) => ({
      alias,
      kind: KINDS[at % KINDS.length] ?? "openai",
      script: scriptChaos(alias, { seed: SEED, records }),
      // Few slots at some of them, so that requests wait there.
      provider: at % 2 === 0 ? `${PROVIDER}\nmax_concurrency = ${4 + at}` : PROVIDER,
    }));
    const extra = { cascade: CASCADE, rules: RULES, server: "keep_alive_secs = 0.1" };
    await withLadder(rungs, async ({ upstreams, daemon }) => {
      const ends = await playAll(daemon, {
        records,
        // What has been checked is let go: memory is to tell what the daemon keeps.
        forget: () => upstreams.forEach(({ exchanges }) => exchanges.splice(0)),
      });
      await assertNoneBusy(records.open, { label: `seed ${SEED}` });
      // While the daemon runs: what it would keep of each request shows.
      const heldMb = 24 + ends.length * MB_PER_REQUEST;
      await assertBack(before, { label: `seed ${SEED}, drained`, descriptors: null, heldMb });
      await daemon.close();
      const rows = daemon.readLedger();
      assertLedger(rows, { ends, records });
      assertVaried(rows);
      await assertNoSecret(daemon, {});
      await print(summaryOf(rows, ends));
    }, extra);
    await assertBack(before, { label: `seed ${SEED}, closed`, descriptors: 8, heldMb: 64 });
  },
  limitMs: SECS * 1_000 + 30_000,
});

/** How a request ended for its client; its body has been checked and let go. */
interface ChaosEnd extends Pick<ChaosGot, "hasLeft"> {
  readonly name: string;
  /** When it left, in milliseconds of `performance.now()`; Infinity: it stayed. */
  readonly leftAt: number;
  /** Null: the client left before the head. */
  readonly requestId: string | null;
  readonly isAnswered: boolean;
}

/** Until it is known. */
const UNKNOWN_END = {
  requestId: null,
  isAnswered: false,
  hasLeft: true,
  leftAt: Infinity,
} as const;

/** Sends requests, many at a time, until the time is up. */
async function playAll(
  daemon: TestDaemon,
  { records, forget }: { readonly records: ChaosRecords; readonly forget: () => void },
): Promise<readonly ChaosEnd[]> {
  const ends: ChaosEnd[] = [];
  const endAt = performance.now() + SECS * 1_000;
  const work = async () => {
    while (performance.now() < endAt) {
      const number = ends.length;
      const plan = planClient(SEED, number);
      const { name } = plan;
      const index = ends.push({ ...UNKNOWN_END, name }) - 1;
      const result = await playClient(daemon, plan);
      assertResponse(result, { number, records });
      const leftAt = result.hasLeft ? performance.now() : Infinity;
      await assertNoneBusy([...records.of(number).open], {
        label: labelOf(number),
        limitMs: SEEN_LIMIT_MS,
      });
      forget();
      const { got, hasLeft } = result;
      ends[index] = {
        name,
        hasLeft,
        leftAt,
        requestId: got?.headers.get("x-pirouter-request-id") ?? null,
        isAnswered: got !== null && got.status === 200 && got.error === null && !hasLeft,
      };
    }
  };
  await Promise.all(Array.from({ length: CLIENT_COUNT }, work));
  return ends;
}

function labelOf(number: number): string {
  return `request ${number} of PIROUTER_CHAOS_SEED=${SEED}`;
}

/** I4, I5 and I7 of one response. */
function assertResponse(
  { got, hasLeft }: ChaosGot,
  { number, records }: { readonly number: number; readonly records: ChaosRecords },
): void {
  const label = labelOf(number);
  const { wholes, begun } = records.of(number);
  assertEnd({ label, got, hasLeft, wholes });
  if (got === null) return;
  assertOneModel({ label, got });
  assert.ok(!got.raw.includes(CANARY_KEY), `${label}: the key`);
  const texts = [...begun.values()].flat();
  const isKnown = got.text === "" || texts.some((text) => text.startsWith(got.text));
  assert.ok(isKnown, `${label}: "${got.text}" is the beginning of no answer`);
}

/** I1 and I2: every request has its row, which says what its client and the upstreams saw. */
function assertLedger(
  { requests, attempts }: LedgerRows,
  seen: { readonly ends: readonly ChaosEnd[]; readonly records: ChaosRecords },
): void {
  const rows = Map.groupBy(requests, (row) => row["requested_model"]);
  const attemptsById = Map.groupBy(attempts, (row) => row["request_id"]);
  for (const [number, end] of seen.ends.entries()) {
    const label = labelOf(number);
    const [request, ...others]: readonly Row[] = rows.get(end.name) ?? [];
    assert.deepEqual(others, [], `${label}: more rows than one`);
    const own = attemptsById.get(request?.["id"]) ?? [];
    const { asked, askedAt } = seen.records.of(number);
    assertRecords({ label, request, attempts: own, asked });
    const lateAt = askedAt.find((at) => at > end.leftAt + SEEN_LIMIT_MS);
    assert.equal(lateAt, undefined, `${label}: an upstream was asked after the client had left`);
    if (end.requestId !== null) assert.equal(request?.["id"], end.requestId, label);
    if (end.hasLeft) continue;
    assert.equal(request?.["status"] === "ok", end.isAnswered, `${label}: ${request?.["status"]}`);
    assert.notEqual(request?.["status"], "cancelled", label);
  }
  assert.ok(requests.length <= seen.ends.length, "rows of requests that nobody sent");
  assert.equal(
    attempts.length,
    requests.reduce((sum, row) => sum + (attemptsById.get(row["id"])?.length ?? 0), 0),
    "attempts of no request",
  );
}

/** A run in which nobody waited, or found out whether a model works again, would prove little. */
function assertVaried({ requests, attempts }: LedgerRows): void {
  const waits = attempts.filter((row) => Number(row["waited_ms"]) > 0);
  assert.ok(waits.length > 0, "no attempt was waited for");
  const explanations = requests.map((row) => String(row["explanation"]));
  assert.ok(explanations.some((text) => text.includes("cools down after")), "nobody cooled down");
  assert.ok(explanations.some((text) => text.includes("tried by another")), "nobody was probed");
}

function summaryOf(rows: LedgerRows, ends: readonly ChaosEnd[]): string {
  const count = (wanted: string) => rows.requests.filter((row) => row["status"] === wanted).length;
  const outcomes = rows.attempts.map((row) => String(row["outcome"]));
  const weak = outcomes.filter((outcome) => outcome.startsWith("weak_")).length;
  const faults = outcomes.filter((outcome) => !/^(ok|cancelled|weak_.*)$/.test(outcome)).length;
  return `chaos: ${ends.length} requests (${count("ok")} answered, ${
    count("cancelled")
  } cancelled, ` +
    `${count("exhausted") + count("error")} failed), ${rows.attempts.length} attempts ` +
    `(${faults} faults, ${weak} weak), PIROUTER_CHAOS_SEED=${SEED}`;
}

async function print(line: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(line + "\n"));
}
