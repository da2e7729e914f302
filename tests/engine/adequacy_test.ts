import assert from "node:assert/strict";
import { MAX_OFFSET } from "../../src/core/adequacy.ts";
import { Adequacy } from "../../src/engine/adequacy.ts";
import { withCatalog } from "../../src/engine/snapshot.ts";
import { askFor, withCascade } from "../support/cascade_case.ts";
import { tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { buildCatalog, buildModel } from "../support/models.ts";
import { snapshotOf, streamFrom } from "../support/run_case.ts";
import { type Script, Upstream } from "../support/upstream.ts";

const MODEL = buildModel({ alias: "a", provider: "a", quality: "basic" });
const NAMES = { alias: "a", provider: "a", modelId: "a-id" };
const NOW = Date.now();
const WEAK = { score: 0.5, isAdequate: false, ts: NOW };
const GOOD = { score: 0.5, isAdequate: true, ts: NOW };

/** A model whose answers were all weak. */
function known(count: number, observation = WEAK): Adequacy {
  return new Adequacy(Array.from({ length: count }, () => ({ ...NAMES, ...observation })));
}

Deno.test("Adequacy expects of an unknown model what its tier says", () => {
  const adequacy = new Adequacy();
  assert.deepEqual(adequacy.calibrationOf(MODEL), { offset: 0, count: 0, state: "prior" });
});

Deno.test("Adequacy expects less of a model whose answers were weak", () => {
  const adequacy = known(200);
  const { state, offset } = adequacy.calibrationOf(MODEL);
  assert.equal(state, "learned");
  assert.ok(offset < -2);
});

Deno.test("Adequacy keeps apart what is of another model, whatever its alias", () => {
  const adequacy = known(200);
  for (const other of [{ alias: "b" }, { provider: "b" }, { modelId: "b-id" }]) {
    assert.equal(adequacy.calibrationOf({ ...MODEL, ...other }).count, 0, JSON.stringify(other));
  }
});

Deno.test("Adequacy measures by a model's new tier once it has one", () => {
  const adequacy = known(0);
  for (let count = 0; count < 200; count++) {
    adequacy.note(MODEL, { ...GOOD, isAdequate: count % 2 === 0 });
  }
  const offsets = (["premium", "basic", "premium"] as const).map((quality) =>
    adequacy.calibrationOf({ ...MODEL, quality }).offset
  );
  const [premium = 0, basic = 0, again] = offsets;
  assert.ok(premium < -2 && Math.abs(basic) < 0.2, offsets.join());
  assert.equal(again, premium);
});

Deno.test("Adequacy takes new answers in after fifty of them", () => {
  const adequacy = known(200);
  const { offset } = adequacy.calibrationOf(MODEL);
  for (let count = 0; count < 49; count++) adequacy.note(MODEL, GOOD);
  assert.deepEqual(adequacy.calibrationOf(MODEL), { offset, count: 200, state: "learned" });
  adequacy.note(MODEL, GOOD);
  const { count, offset: after } = adequacy.calibrationOf(MODEL);
  assert.equal(count, 250);
  assert.ok(after > offset);
});

Deno.test("Adequacy keeps the newest 2,000 answers of a model", () => {
  const adequacy = known(300);
  for (let count = 0; count < 2_000; count++) {
    adequacy.note(MODEL, GOOD);
  }
  const { count, offset } = adequacy.calibrationOf(MODEL);
  assert.deepEqual([count, offset], [2_000, MAX_OFFSET], "no weak one is left");
});

Deno.test("Adequacy forgets a model that was not judged for a day, so that it is tried again", () => {
  const day = 86_400_000;
  let now = NOW;
  const adequacy = new Adequacy(
    Array.from({ length: 300 }, () => ({ ...NAMES, ...WEAK })),
    { now: () => now },
  );
  assert.equal(adequacy.calibrationOf(MODEL).state, "learned");
  now += day + 1;
  assert.deepEqual(adequacy.calibrationOf(MODEL), { offset: 0, count: 0, state: "prior" });
  adequacy.note(MODEL, { ...WEAK, ts: now });
  assert.equal(adequacy.calibrationOf(MODEL).count, 1);
});

const SHORT = "on_short_response = true\nmin_output_tokens = 8";
const LONG = "a long and useful answer of very many words that is shown as it stands";
const CALLS = [{ id: "c", name: "f", arguments: "{}" }];

/** What is in the ledger of the first attempt and of the last candidate's, if that was asked. */
type Judged = readonly number[];

interface Case {
  readonly name: string;
  readonly script: Script;
  readonly cascade?: string;
  readonly fields?: Readonly<Record<string, number>>;
  readonly streamed: Judged;
  readonly whole: Judged;
}

const CASES: readonly Case[] = [
  {
    name: "an accepted answer is judged",
    script: (exchange) => exchange.answer({ text: [LONG] }),
    streamed: [1],
    whole: [1],
  },
  {
    name: "a weak answer is judged, and that of the last candidate where it is whole",
    script: (exchange) => exchange.answer({ text: ["Dunno"] }),
    streamed: [1, 0],
    whole: [1, 1],
  },
  {
    name: "an answer that does not begin with the marker is judged",
    script: (exchange) => exchange.answer({ text: ["Dunno"] }),
    cascade: 'on_marker = "[[ESCALATE]]"',
    streamed: [1],
    whole: [1],
  },
  {
    name: "no answer is judged without a check",
    script: (exchange) => exchange.answer({ text: [LONG] }),
    cascade: "",
    streamed: [0],
    whole: [0],
  },
  {
    name: "an answer that may be short is not judged by its length",
    script: (exchange) => exchange.answer({ text: [LONG] }),
    fields: { "max_tokens": 8 },
    streamed: [0],
    whole: [0],
  },
  {
    name: "a call of a tool is not judged",
    script: (exchange) => exchange.answer({ calls: CALLS }),
    streamed: [0],
    whole: [0],
  },
  {
    name: "an answer that ends with a call of a tool is not judged",
    script: (exchange) => exchange.answer({ text: [LONG], calls: CALLS }),
    streamed: [0],
    whole: [0],
  },
  {
    name: "a fault is not judged",
    script: (exchange) => exchange.sendWhole(500, {}),
    streamed: [0, 0],
    whole: [0, 1],
  },
];

for (const { name, script, cascade = SHORT, fields = {}, ...judged } of CASES) {
  for (const mode of ["streamed", "whole"] as const) {
    timedTest(`${name}, ${mode}`, () =>
      withCascade(script, async ({ daemon }) => {
        await askFor(daemon, mode === "streamed", {
          ...fields,
          "tools": [{ "type": "function", "function": { "name": "f" } }],
        });
        const { attempts } = await daemon.ledger();
        assert.deepEqual(attempts.map((row) => row["judged"]), judged[mode]);
      }, { cascade }));
  }
}

timedTest("a snapshot learns from what it is given and from each judged answer", async () => {
  await using upstream = new Upstream("openai", (exchange) => exchange.answer({ text: [LONG] }));
  await upstream.ready;
  const toml = tomlFor([{ alias: "a", upstream }, { alias: "b", upstream }], { cascade: SHORT });
  using snapshot = await snapshotOf(toml, {
    observations: Array.from({ length: 199 }, () => ({ ...NAMES, ...WEAK })),
  });
  const [first, second] = [...snapshot.config.catalog.values()];
  assert.ok(first !== undefined && second !== undefined);
  await Array.fromAsync(streamFrom(snapshot, first, { others: [second] }));
  assert.equal(snapshot.adequacy.calibrationOf(first).count, 200);
  const next = withCatalog(snapshot, buildCatalog(first));
  assert.equal(next.adequacy.calibrationOf(first).state, "learned");
  assert.equal(next.adequacy.calibrationOf(second).count, 0);
});
