import assert from "node:assert/strict";
import { askLadder } from "../support/asked_ladder.ts";
import { ASK, NO_WAIT, type Rung, withLadder } from "../support/cascade_case.ts";
import { rowTest } from "../support/fault_row.ts";
import { failWith } from "../support/fault_script.ts";
import { readGot } from "../support/got.ts";
import { SseClient } from "../support/sse_client.ts";
import type { Script } from "../support/upstream.ts";

const cut: Script = (exchange) => Promise.resolve(exchange.cut());

function rung(alias: string, script: Script): Rung {
  return { alias, kind: "openai", script };
}

const EXTRA = { cascade: NO_WAIT };

const THREE: readonly Rung[] = [
  { alias: "one", kind: "openai", script: failWith(500) },
  { alias: "two", kind: "anthropic", script: failWith(529) },
  { alias: "three", kind: "ollama", script: cut },
];

for (const stream of [true, false]) {
  const mode = stream ? "streamed" : "whole";

  rowTest("all-fail", {
    name: `one error names every attempt, ${mode}`,
    body: async () => {
      const { got, outcomes, request } = await askLadder(THREE, { stream, extra: EXTRA });
      assert.equal(got.status, 503);
      assert.equal(got.headers.get("content-type"), "application/json");
      assert.equal(got.headers.get("x-should-retry"), "false");
      assert.equal(got.headers.get("x-pirouter-attempts"), "3");
      const { type, code, param, message } = got.error ?? {};
      assert.deepEqual([type, code, param], ["server_error", "upstream_overloaded", null]);
      assert.match(
        String(message),
        /\(3 attempts: one at one: server_error; two at two: overloaded; three at three: connect\)$/,
      );
      assert.deepEqual(outcomes, ["one:server_error", "two:overloaded", "three:connect"]);
      assert.deepEqual([request["status"], request["final_model"]], ["exhausted", null]);
    },
  });
}

interface Status {
  readonly scripts: readonly Script[];
  readonly status: number;
  readonly code: string;
}

const STATUSES: Readonly<Record<string, Status>> = {
  "a rate limit says more than a failure": {
    scripts: [failWith(429, { "retry-after": "7" }), failWith(500)],
    status: 429,
    code: "teapot",
  },
  "an overload says more than a failure before it": {
    scripts: [failWith(500), failWith(503)],
    status: 503,
    code: "teapot",
  },
  "any answer says more than no connection": {
    scripts: [failWith(500), cut],
    status: 502,
    code: "upstream_server_error",
  },
  "what the request is to blame for says most": {
    scripts: [failWith(429), failWith(400)],
    status: 400,
    code: "teapot",
  },
};

for (const [name, { scripts, status, code }] of Object.entries(STATUSES)) {
  rowTest("all-fail", {
    name,
    body: async () => {
      const rungs = scripts.map((script, at) => rung(`m${at}`, script));
      for (const stream of [true, false]) {
        const { got } = await askLadder(rungs, { stream, extra: EXTRA });
        assert.deepEqual([got.status, got.error?.["code"]], [status, code]);
        assert.equal(got.headers.get("x-should-retry"), "false");
        assert.equal(got.headers.get("retry-after"), status === 429 ? "7" : null);
      }
    },
  });
}

rowTest("all-fail", {
  name: "a stream whose head went early ends with one error event, and no [DONE]",
  body: () => {
    const rungs = [
      { alias: "slow", kind: "openai", script: null } as const,
      rung("next", failWith(503)),
      rung("last", cut),
    ];
    return withLadder(rungs, async ({ upstreams: [slow], daemon }) => {
      const response = daemon.chat({ ...ASK, "stream": true });
      const exchange = await slow?.next();
      assert.ok(exchange);
      const client = new SseClient(await response);
      assert.equal(await client.next(), ": keep-alive");
      await failWith(500)(exchange, 0);
      await client.readAll();
      const got = readGot(client.response, client.raw);
      assert.equal(got.status, 200);
      assert.deepEqual([got.bodies.length, got.errors.length, got.doneCount], [1, 1, 0]);
      assert.match(
        String(got.error?.["message"]),
        /\(3 attempts: slow at slow: server_error; next at next: overloaded; last at last: connect\)$/,
      );
      const { requests: [request] } = await daemon.ledger();
      assert.equal(request?.["status"], "exhausted");
    }, { ...EXTRA, server: "keep_alive_secs = 0.05" });
  },
});

const WEAK =
  `${NO_WAIT}\non_short_response = true\nmin_output_tokens = 8\non_marker = "[[ESCALATE]]"`;
const MARKED = "[[ESCALATE]] This is beyond me, for many reasons, and I can say every one of them.";
const SHORT = "Yes.";
const LONGER = "Yes, it is.";

function say(text: string): Script {
  return (exchange) => exchange.answer({ text: [text] });
}

interface Weak {
  readonly scripts: Readonly<Record<string, Script>>;
  /** Who is served, and with what. */
  readonly model: string;
  readonly text: string;
  readonly outcomes: readonly string[];
  readonly cascade?: string;
}

const WHOLE: Readonly<Record<string, Weak>> = {
  "the longest of the short answers is served": {
    scripts: { a: say(SHORT), b: say(LONGER), c: say(SHORT) },
    model: "b",
    text: LONGER,
    outcomes: ["a:weak_short", "b:weak_short", "c:weak_short"],
  },
  "of equals the last one is served": {
    scripts: { a: say(SHORT), b: say(SHORT) },
    model: "b",
    text: SHORT,
    outcomes: ["a:weak_short", "b:weak_short"],
  },
  "the marker never wins over what is merely short, before it": {
    scripts: { a: say(SHORT), b: say(MARKED) },
    model: "a",
    text: SHORT,
    outcomes: ["a:weak_short", "b:weak_marker"],
  },
  "the marker never wins over what is merely short, after it": {
    scripts: { a: say(MARKED), b: say(SHORT) },
    model: "b",
    text: SHORT,
    outcomes: ["a:weak_marker", "b:weak_short"],
  },
  "a weak answer wins over the faults of others": {
    scripts: { a: failWith(500), b: say(SHORT), c: failWith(503), d: cut },
    model: "b",
    text: SHORT,
    outcomes: ["a:server_error", "b:weak_short", "c:overloaded", "d:connect"],
  },
  "where all have the marker, one of them is served": {
    scripts: { a: say(MARKED), b: say("[[ESCALATE]]") },
    model: "a",
    text: MARKED,
    outcomes: ["a:weak_marker", "b:weak_marker"],
  },
};

const STREAMED: Readonly<Record<string, Weak>> = {
  "the last candidate's answer is shown as it comes": {
    scripts: { a: say(LONGER), b: say(SHORT) },
    model: "b",
    text: SHORT,
    outcomes: ["a:weak_short", "b:ok"],
  },
  "the last candidate's answer is shown with its marker": {
    scripts: { a: say(SHORT), b: say(MARKED) },
    model: "b",
    text: MARKED,
    outcomes: ["a:weak_short", "b:ok"],
  },
  "a short answer that was held is shown when the rest fail": {
    scripts: { a: say(SHORT), b: say(LONGER), c: failWith(500), d: cut },
    model: "b",
    text: LONGER,
    outcomes: ["a:weak_short", "b:weak_short", "c:server_error", "d:connect"],
  },
  "held whole, the marker never wins over what is merely short": {
    scripts: { a: say(SHORT), b: say(MARKED), c: failWith(500) },
    model: "a",
    text: SHORT,
    outcomes: ["a:weak_short", "b:weak_marker", "c:server_error"],
    cascade: 'stream_hold = "full"',
  },
};

for (const [mode, cases] of [["whole", WHOLE], ["streamed", STREAMED]] as const) {
  for (const [name, { scripts, model, text, outcomes, cascade = "" }] of Object.entries(cases)) {
    rowTest("all-weak", {
      name: `${name} (${mode})`,
      body: async () => {
        const rungs = Object.entries(scripts).map(([alias, script]) => rung(alias, script));
        const options = { stream: mode === "streamed", extra: { cascade: `${WEAK}\n${cascade}` } };
        const found = await askLadder(rungs, options);
        const { got, request } = found;
        assert.deepEqual([got.status, got.text, got.finish], [200, text, "stop"]);
        assert.equal(got.headers.get("x-pirouter-model"), model);
        assert.equal(got.headers.get("x-pirouter-attempts"), String(outcomes.length));
        assert.deepEqual(found.outcomes, outcomes);
        assert.deepEqual([request["status"], request["final_model"]], ["ok", model]);
        assert.equal(got.raw.match(/\[DONE\]/g)?.length ?? 0, mode === "streamed" ? 1 : 0);
      },
    });
  }
}

rowTest("all-weak", {
  name: "a marked answer that was left is not served: the error names its attempt",
  body: async () => {
    const rungs = [rung("marked", say(MARKED)), rung("broken", failWith(500))];
    const { got, outcomes, request } = await askLadder(rungs, {
      stream: true,
      extra: { cascade: WEAK },
    });
    assert.deepEqual([got.status, got.error?.["code"]], [502, "upstream_server_error"]);
    assert.match(
      String(got.error?.["message"]),
      /\(2 attempts: marked at marked: weak answer; broken at broken: server_error\)$/,
    );
    assert.doesNotMatch(got.raw, /ESCALATE/);
    assert.deepEqual(outcomes, ["marked:weak_marker", "broken:server_error"]);
    assert.equal(request["status"], "exhausted");
  },
});
