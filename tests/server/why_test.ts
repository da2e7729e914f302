import assert from "node:assert/strict";
import { askFor, NO_WAIT, withLadder } from "../support/cascade_case.ts";
import { CANARY_KEY, type Row } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import type { Got } from "../support/got.ts";
import type { Script } from "../support/upstream.ts";
import {
  answers,
  assertCommit,
  idOf,
  readReport,
  type Report,
  rungsOf,
  why,
} from "../support/why_case.ts";

const SHORT = `on_short_response = true\nmin_output_tokens = 8\n${NO_WAIT}`;

const hedges: Script = (exchange) => exchange.answer({ text: ["Dunno", ", sorry"] });
const limits: Script = (exchange) =>
  exchange.sendWhole(429, {
    "error": {
      "message": "Slow down, please",
      "type": "requests",
      "param": null,
      "code": "rate_limit_exceeded",
    },
  });
const breaks: Script = (exchange) => exchange.sendWhole(500, {});

interface Case {
  readonly name: string;
  readonly scripts: readonly Script[];
  /** Of each attempt: its outcome and the upstream's code. */
  readonly attempts: readonly (readonly [string, string | null])[];
  /** The attempt that was shown; null: none. */
  readonly shown: number | null;
}

/** THE TABLE of requests. The candidates are m1, m2 … in order. */
const CASES: readonly Case[] = [
  { name: "one attempt", scripts: [answers], attempts: [["ok", null]], shown: 1 },
  {
    name: "a fallback",
    scripts: [limits, answers],
    attempts: [["rate_limit", "rate_limit_exceeded"], ["ok", null]],
    shown: 2,
  },
  {
    name: "an escalation",
    scripts: [hedges, answers],
    attempts: [["weak_short", null], ["ok", null]],
    shown: 2,
  },
  {
    name: "a fallback and an escalation",
    scripts: [breaks, hedges, answers],
    attempts: [["server_error", null], ["weak_short", null], ["ok", null]],
    shown: 3,
  },
  {
    name: "a weak answer that is served in the end",
    scripts: [hedges, breaks],
    attempts: [["weak_short", null], ["server_error", null]],
    shown: 1,
  },
  {
    name: "exhausted candidates",
    scripts: [limits, breaks],
    attempts: [["rate_limit", "rate_limit_exceeded"], ["server_error", null]],
    shown: null,
  },
];

/** The number of attempts that the client was told: by a header, and in the body of an answer. */
function assertCount(got: Got, attempts: readonly Row[], stream: boolean): void {
  assert.equal(got.headers.get("x-pirouter-attempts"), String(attempts.length));
  if (stream || got.status !== 200) return;
  assert.deepEqual(JSON.parse(got.raw).pirouter, {
    "request_id": idOf(got),
    "rule": "in-order",
    "attempts": attempts.length,
  });
}

for (const { name, scripts, attempts, shown } of CASES) {
  for (const stream of [true, false]) {
    const mode = stream ? "streamed" : "whole";
    timedTest(
      `headers, body, ledger and why agree on ${name}, ${mode}`,
      () =>
        withLadder(rungsOf(scripts), async ({ daemon }) => {
          const got = await askFor(daemon, stream);
          const rows = await daemon.ledger();
          const report = await readReport(daemon, idOf(got));
          assert.equal(report.id, idOf(got));
          assert.deepEqual(
            report.attempts.map((attempt) => [attempt["outcome"], attempt["error_code"]]),
            attempts,
          );
          assert.deepEqual(
            report.attempts,
            rows.attempts.map(({ request_id: _, ...columns }) => inOrderOf(report, columns)),
          );
          assertCount(got, report.attempts, stream);
          assertCommit(report, shown, stream);
          assert.equal(report["final_model"], shown === null ? null : `m${shown}`);
          assert.equal(report["http_status"], got.status);
          assert.equal(report["route_rule"], got.headers.get("x-pirouter-rule"));
          const text = await why(daemon, idOf(got));
          assert.equal(text.match(/ committed at /g)?.length ?? 0, shown === null ? 0 : 1);
          assert.doesNotMatch(text, /What is the answer|spare's answer|Dunno|Slow down/);
          assert.ok(!text.includes(CANARY_KEY));
        }, { cascade: SHORT }),
    );
  }
}

/** The columns in the order in which `why` gives them, flags as it writes them: only values are compared. */
function inOrderOf(report: Report, columns: Row): Row {
  const values: Row = { ...columns, judged: columns["judged"] === 1 };
  return Object.fromEntries(Object.keys(report.attempts[0] ?? {}).map((key) => [key, values[key]]));
}

timedTest(
  "why finds a request by its id, the body's id, a beginning of it, or as the newest",
  () =>
    withLadder(rungsOf([answers]), async ({ daemon }) => {
      const older = idOf(await askFor(daemon, true));
      await daemon.ledger(1);
      const got = await askFor(daemon, false);
      await daemon.ledger(2);
      const id = idOf(got);
      assert.equal(JSON.parse(got.raw).id, `chatcmpl-${id}`);
      const wanted: readonly (readonly [readonly string[], string])[] = [
        [[id], id],
        [[`chatcmpl-${id}`], id],
        [[id.slice(0, 13)], id],
        [[], id],
        [[older], older],
      ];
      for (const [args, expected] of wanted) {
        assert.equal(JSON.parse(await why(daemon, ...args, "--json")).id, expected);
      }
    }),
);

timedTest(
  "a policy's decision is explained with its runner-up and those left out",
  () =>
    withLadder(
      [
        { alias: "small", kind: "openai", script: answers, model: 'quality = "basic"' },
        {
          alias: "large",
          kind: "openai",
          script: answers,
          model: 'quality = "premium"\nsupports_tools = false',
        },
        { alias: "off", kind: "openai", script: answers, model: "enabled = false" },
      ],
      async ({ daemon }) => {
        const got = await askFor(daemon, false);
        await daemon.ledger();
        const { explanation } = await readReport(daemon, idOf(got));
        assert.deepEqual(explanation.candidates.map(({ alias }) => alias), ["small", "large"]);
        assert.deepEqual(explanation.rejected, [
          { alias: "off", reason: "is disabled in the config" },
        ]);
        assert.deepEqual(explanation.otherwise, {
          alias: "large",
          reason: "is the next in balanced's order: it is stronger (premium, small basic), " +
            "and that is not needed",
        });
      },
      { rules: "" },
    ),
);

timedTest("a key that an upstream echoes as its error code is in no row", () =>
  withLadder(
    rungsOf([(exchange) =>
      exchange.sendWhole(500, {
        "error": { "message": "x", "type": CANARY_KEY, "code": CANARY_KEY },
      }), answers]),
    async ({ daemon }) => {
      const got = await askFor(daemon, true);
      await daemon.ledger();
      const report = await readReport(daemon, idOf(got));
      assert.deepEqual(report.attempts.map((attempt) => attempt["error_code"]), [null, null]);
    },
  ));

timedTest(
  "a model name of any length is cut and shown on one line",
  () =>
    withLadder(rungsOf([answers]), async ({ daemon }) => {
      const model = `evil\n\u001b[2J${"x".repeat(5_000)}`;
      const got = await askFor(daemon, false, { model });
      await daemon.ledger();
      const text = await why(daemon, idOf(got));
      assert.match(text, /\nasked {5}model evil\\u000a\\u001b\[2Jx{190,191}, whole;/);
      assert.ok(text.split("\n").every((line) => line.length < 400));
    }),
);
