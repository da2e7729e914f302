/**
 * What holds for every request, whatever happens to it. Each check throws with the label of what
 * it looked at, so that a failure names its request (and the seed, where there is one).
 *
 * I1 one response · I2 one row a request, one record an attempt · I3 no upstream is kept busy ·
 * I4 one model from the commit on · I5 no secret anywhere · I6 memory and descriptors come back ·
 * I7 a success is whole.
 */

import assert from "node:assert/strict";
import { arrayAt, numberAt, objectAt, stringAt } from "../../src/core/json.ts";
import { CANARY_KEY, type Row, type TestDaemon } from "./daemon.ts";
import { within } from "./deadline.ts";
import { deltasIn, type Got, isStreamed, modelsOf } from "./got.ts";
import type { Exchange } from "./upstream.ts";
import type { ScriptedAnswer } from "./upstream_wire.ts";

/** One request as its client saw it. */
export interface Seen {
  readonly label: string;
  /** Null: the client left before the head came. */
  readonly got: Got | null;
  /** Whether the client left before the end. */
  readonly hasLeft: boolean;
  /** What each upstream said whole, by alias: one text for each time it was asked. */
  readonly wholes: ReadonlyMap<string, readonly string[]>;
}

/** One request with all that is known of it. */
export interface RequestFacts extends Seen {
  /** Its row; absent when its client left before all of it had come. */
  readonly request: Row | undefined;
  readonly attempts: readonly Row[];
  /** The aliases whose upstreams got it, in order; one that was asked again without a refused field counts once. */
  readonly asked: readonly string[];
}

/** I2, I4 and I7 of one request. */
export function assertRequest(facts: RequestFacts): void {
  assertRecords(facts);
  assertOneModel(facts);
  assertEnd(facts);
}

/** I1: the bytes of a connection hold exactly one response. */
export function assertOneResponse(raw: string, label: string): void {
  const heads = raw.match(/^HTTP\/1\.[01] \d{3}/gm) ?? [];
  assert.equal(heads.length, 1, `${label}: ${heads.length} responses`);
}

/** I2: one row a request, one record an exchange, and what they say fits together. */
export function assertRecords(facts: Omit<RequestFacts, keyof Seen> & Pick<Seen, "label">): void {
  const { label, request, attempts, asked } = facts;
  if (request === undefined) {
    assert.deepEqual(
      [attempts, asked],
      [[], []],
      `${label}: attempts without a row of the request`,
    );
    return;
  }
  const seqs = attempts.map((row) => row["seq"]);
  assert.deepEqual(seqs, attempts.map((_, at) => at + 1), `${label}: seq`);
  const recorded = attempts.map((row) => `${row["alias"]}:${row["outcome"]}`).join(", ");
  const unsent = attempts.filter((row, at) => !wasAsked(attempts, { asked, at }) && !isUnsent(row));
  assert.deepEqual(unsent, [], `${label}: recorded ${recorded}, asked ${asked.join(", ")}`);
  const matched = attempts.filter((_, at) => wasAsked(attempts, { asked, at })).length;
  assert.equal(matched, asked.length, `${label}: recorded ${recorded}, asked ${asked.join(", ")}`);
  assertStatus({ label, request, attempts });
}

/** Whether the attempt is one of those that upstreams saw: both lists are in order. */
function wasAsked(
  attempts: readonly Row[],
  { asked, at }: { readonly asked: readonly string[]; readonly at: number },
): boolean {
  let next = 0;
  for (const [index, row] of attempts.entries()) {
    const isMatch = row["alias"] === asked[next];
    if (index === at) return isMatch;
    if (isMatch) next++;
  }
  return false;
}

/** How attempts end that no upstream has seen: left, refused by a full queue, or not connected. */
function isUnsent(row: Row): boolean {
  const kinds = ["cancelled", "rate_limit", "unsupported", "connect", "deadline"];
  return row["http_status"] === null && kinds.includes(String(row["outcome"]));
}

/** I4: nothing is asked after an answer, and a success is that of its last attempt or of a weak one. */
function assertStatus(
  { label, request, attempts }: Pick<RequestFacts, "label" | "attempts"> & {
    readonly request: Row;
  },
): void {
  const outcomes = attempts.map((row) => String(row["outcome"]));
  const answeredAt = outcomes.indexOf("ok");
  assert.ok(
    answeredAt < 0 || answeredAt === outcomes.length - 1,
    `${label}: something was asked after an answer: ${outcomes.join(", ")}`,
  );
  const served = attempts.findLast((row) => row["alias"] === request["final_model"]);
  const isServed = ["ok", "weak_short", "weak_marker"].includes(String(served?.["outcome"]));
  assert.equal(request["status"] === "ok", isServed, `${label}: status ${request["status"]}`);
}

/** I4: every chunk with content is of one model. */
export function assertOneModel({ label, got }: Pick<Seen, "label" | "got">): void {
  if (got === null) return;
  const models = shownModelsOf(got);
  assert.ok(models.length <= 1, `${label}: content of ${models.join(" and ")}`);
}

/** I7: a success is what one upstream said whole; what is not ends with an error and no [DONE]. */
export function assertEnd({ label, got, hasLeft, wholes }: Seen): void {
  if (got === null) return assert.ok(hasLeft, `${label}: no response`);
  const said = saidIn(got);
  const texts = shownModelsOf(got).flatMap((model) => wholes.get(model) ?? []);
  const { doneCount } = got;
  const isStream = isStreamed(got);
  if (doneCount === 0 && (hasLeft || got.status !== 200 || isStream)) {
    return assertBroken({ label, got, hasLeft });
  }
  assert.equal(doneCount, isStream ? 1 : 0, `${label}: ${doneCount} × [DONE]`);
  assert.ok(!isStream || got.raw.endsWith("data: [DONE]\n\n"), `${label}: bytes after [DONE]`);
  assert.equal(got.error, null, `${label}: an error in a success`);
  assert.ok(got.finish !== null, `${label}: a success without finish_reason`);
  assert.ok(texts.includes(said), `${label}: "${said}" is no whole answer: ${texts.join(" | ")}`);
}

function assertBroken({ label, got, hasLeft }: Pick<Seen, "label" | "hasLeft"> & { got: Got }) {
  if (hasLeft) return;
  const keys = Object.keys(got.error ?? {}).filter((key) => key !== "retry_after").sort();
  assert.deepEqual(keys, ["code", "message", "param", "type"], `${label}: ${got.raw.slice(-300)}`);
  if (!isStreamed(got)) return;
  assert.ok("error" in (got.bodies.at(-1) ?? {}), `${label}: chunks after the error`);
  assert.ok(got.raw.endsWith("\n\n"), `${label}: half an event at the end`);
}

/** I3: a second (or `limitMs`) after the client has left, or got its answer, no upstream works for it. */
export async function assertNoneBusy(
  exchanges: readonly Exchange[],
  { label, limitMs = 1_000 }: { readonly label: string; readonly limitMs?: number },
): Promise<void> {
  const over = Promise.all(exchanges.map((exchange) => exchange.over));
  await within(over.then(() => {}), `${label}: the end of the exchanges upstream`, limitMs);
}

/** I5: the key of the providers is in nothing that these hold, nor in log or ledger. */
export async function assertNoSecret(
  daemon: TestDaemon,
  shown: Readonly<Record<string, string>>,
): Promise<void> {
  const places = {
    ...shown,
    "the log": daemon.log.join("\n"),
    "the ledger's files": await daemon.readLedgerBytes(),
  };
  for (const [place, text] of Object.entries(places)) {
    assert.ok(!text.includes(CANARY_KEY), `the key is in ${place}`);
  }
}

/** What an answer says, in the form in which `saidIn` tells it. */
export function saidBy({ text = [], calls = [] }: ScriptedAnswer): string {
  return text.join("") + calls.map((call) => `${call.name}(${call.arguments})`).join("");
}

/** The text of a response, then its tool calls. */
export function saidIn({ text, bodies }: Got): string {
  const calls = new Map<number, string>();
  for (const call of deltasIn(bodies).flatMap((delta) => arrayAt(delta, "tool_calls"))) {
    const index = numberAt(call, "index") ?? calls.size;
    const spec = objectAt(call, "function");
    const name = stringAt(spec, "name") ?? "";
    const start = calls.get(index) ?? "";
    calls.set(index, start + (name && `${name}(`) + (stringAt(spec, "arguments") ?? ""));
  }
  return text + [...calls.values()].map((call) => `${call})`).join("");
}

/** The models whose text or calls were shown: reasoning alone may be of one that is let go. */
function shownModelsOf({ bodies }: Got): readonly string[] {
  return modelsOf(
    bodies.filter((body) =>
      deltasIn([body]).some((delta) =>
        (stringAt(delta, "content") ?? "") !== "" || arrayAt(delta, "tool_calls").length > 0
      )
    ),
  );
}
