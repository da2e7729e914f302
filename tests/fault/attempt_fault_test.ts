import assert from "node:assert/strict";
import { ASK, askFor, KINDS, NO_WAIT, type Rung, withLadder } from "../support/cascade_case.ts";
import { rowTest } from "../support/fault_row.ts";
import { FAULT_SCRIPTS, type FaultScript, FAULTY_TEXT } from "../support/fault_script.ts";
import { assertNoneBusy, assertNoSecret, assertRequest } from "../support/invariants.ts";
import { turnLoop } from "../support/leaving.ts";
import { askRaw } from "../support/raw_chat.ts";
import type { Script } from "../support/upstream.ts";

/** Candidates; the last one always answers. */
const ALIASES = ["a", "b", "c", "d", "e", "f"] as const;

for (const fault of FAULT_SCRIPTS) {
  rowTest("fault-at-attempt-n", {
    name: `${fault.name} at attempts 1 to n keeps the invariants`,
    body: async () => {
      for (const stream of [true, false]) {
        for (let faultyCount = 1; faultyCount <= 5; faultyCount++) {
          await injectAt(faultyCount, { fault, stream });
        }
      }
    },
    limitMs: 30_000,
  });
}

interface Injection {
  readonly fault: FaultScript;
  readonly stream: boolean;
}

async function injectAt(faultyCount: number, { fault, stream }: Injection): Promise<void> {
  const label = `${fault.name} × ${faultyCount} (stream ${stream})`;
  const answer: Script = (exchange) => exchange.answer({ text: [wholeOf(exchange.kind)] });
  const rungs = ALIASES.map((alias, at): Rung => ({
    alias,
    kind: KINDS[at % KINDS.length] ?? "openai",
    script: at < faultyCount ? fault.script : answer,
    provider: at < faultyCount ? fault.provider ?? "" : "",
  }));
  await withLadder(rungs, async ({ upstreams, daemon }) => {
    const got = await askRaw(daemon, { ...ASK, stream });
    const { requests: [request], attempts } = await daemon.ledger();
    const asked = ALIASES.filter((_, at) => upstreams[at]?.exchanges.length === 1);
    assert.deepEqual(asked, ALIASES.slice(0, faultyCount + 1), label);
    const kind = rungs[faultyCount]?.kind ?? "";
    const wholes = new Map([[ALIASES[faultyCount] ?? "", [wholeOf(kind)]]]);
    assertRequest({ label, got, hasLeft: false, wholes, request, attempts, asked });
    assert.deepEqual([got.status, got.finish], [200, "stop"], label);
    assert.equal(got.headers.get("x-pirouter-attempts"), String(faultyCount + 1), label);
    for (const row of attempts.slice(0, -1)) {
      assert.ok(fault.kinds.some((each) => each === row["outcome"]), `${label}: ${row["outcome"]}`);
    }
    await assertNoneBusy(upstreams.flatMap(({ exchanges }) => exchanges), { label });
    await assertNoSecret(daemon, { "the response": got.raw });
    assert.ok(!got.raw.includes(FAULTY_TEXT), `${label}: words of a faulty upstream`);
    await turnLoop(daemon); // the process lives
  }, { cascade: NO_WAIT });
}

function wholeOf(kind: string): string {
  return `The whole answer of an upstream that speaks ${kind}.`;
}

rowTest("fault-at-attempt-n", {
  name: "a request whose used connection breaks is not sent again in silence (Deno's fetch would)",
  body: () => {
    const breaking: Script = (exchange, position) =>
      position === 0
        ? exchange.answer({ text: [wholeOf("openai")] })
        : Promise.resolve(exchange.cut());
    const answer: Script = (exchange) => exchange.answer({ text: [wholeOf("openai")] });
    const rungs: readonly Rung[] = [
      { alias: "a", kind: "openai", script: breaking },
      { alias: "b", kind: "openai", script: answer },
    ];
    return withLadder(rungs, async ({ upstreams: [first, second], daemon }) => {
      await askFor(daemon, false);
      await askFor(daemon, false);
      const { attempts } = await daemon.ledger(2);
      // Once more by pirouter itself, in case that an idle connection was closed: it is recorded.
      assert.deepEqual(attempts.map((row) => row["alias"]), ["a", "a", "a", "b"]);
      assert.deepEqual([first?.exchanges.length, second?.exchanges.length], [3, 1]);
    });
  },
});
