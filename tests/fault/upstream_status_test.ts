import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { askLadder } from "../support/asked_ladder.ts";
import { KINDS, NO_WAIT, type Rung, SPARE, SPARE_TEXT } from "../support/cascade_case.ts";
import { rowTest } from "../support/fault_row.ts";
import { errorBodyOf } from "../support/upstream_wire.ts";

const PAGE = "<html><body><h1>502 Bad Gateway</h1></body></html>";

const SERVER_ERRORS: readonly (readonly [status: number, outcome: string])[] = [
  [500, "server_error"],
  [502, "server_error"],
  [503, "overloaded"],
  [504, "server_error"],
  [529, "overloaded"],
];

for (const kind of KINDS) {
  for (const [status, outcome] of SERVER_ERRORS) {
    rowTest("server-errors", {
      name: `${status} of ${kind} leads to the next candidate at once`,
      body: async () => {
        const error = errorBodyOf(kind, "sorry");
        for (const [stream, body] of [[true, error], [false, error], [true, PAGE]] as const) {
          const first: Rung = {
            alias: "first",
            kind,
            script: (exchange) => exchange.sendWhole(status, body, { "retry-after": "30" }),
          };
          const { got, outcomes } = await askLadder([first, SPARE], { stream });
          assert.deepEqual([got.status, got.text, got.finish], [200, SPARE_TEXT, "stop"]);
          assert.equal(got.headers.get("x-pirouter-model"), "spare");
          assert.equal(got.headers.get("x-pirouter-attempts"), "2");
          assert.deepEqual(outcomes, [`first:${outcome}`, "spare:ok"]);
          assert.doesNotMatch(got.raw, /sorry|Gateway/);
        }
      },
    });
  }
}

rowTest("server-errors", {
  name: "a 500 without a body, of a lone candidate, is told as what it is",
  body: async () => {
    for (const kind of KINDS) {
      const lone: Rung = { alias: "lone", kind, script: (exchange) => exchange.sendWhole(500, "") };
      const { got, request } = await askLadder([lone], { stream: false });
      assert.deepEqual([got.status, got.error?.["code"]], [502, "upstream_server_error"]);
      assert.equal(got.headers.get("x-should-retry"), null, "a client may repeat what passes");
      assert.equal(request["status"], "exhausted");
    }
  },
});

/** What a client must be told: the type, code and param of the upstream, else ours. */
interface FinalError {
  readonly kind: ProviderKind;
  readonly status: number;
  readonly body: JsonObject;
  readonly outcome: string;
  readonly told: Readonly<Record<"type" | "code" | "param", string | null>>;
}

const OUTCOMES:
  readonly (readonly [status: number, outcome: string, type: string, code: string])[] = [
    [400, "bad_request", "invalid_request_error", "upstream_bad_request"],
    [401, "auth", "authentication_error", "upstream_auth"],
    [403, "permission", "permission_error", "upstream_permission"],
    [404, "not_found", "not_found_error", "model_not_found"],
    [422, "bad_request", "invalid_request_error", "upstream_bad_request"],
  ];

function finalErrors(): readonly FinalError[] {
  return OUTCOMES.flatMap(([status, outcome, type, code]) => {
    const own = { "message": "no", "type": "a_type", "code": "a_code", "param": "a.param" };
    const anthropic = { "type": "error", "error": { "type": type, "message": "no" } };
    const ownType = outcome === "not_found" ? "invalid_request_error" : type;
    return [
      {
        kind: "openai" as const,
        status,
        outcome,
        body: { "error": own },
        told: { type: "a_type", code: "a_code", param: "a.param" },
      },
      {
        kind: "anthropic" as const,
        status,
        outcome,
        body: anthropic,
        told: { type, code, param: null },
      },
      {
        kind: "ollama" as const,
        status,
        outcome,
        body: { "error": "no" },
        told: { type: ownType, code, param: null },
      },
    ];
  });
}

for (const { kind, status, body, outcome, told } of finalErrors()) {
  rowTest("final-errors", {
    name: `${status} of ${kind} is the answer: nobody else is asked`,
    body: async () => {
      const first: Rung = {
        alias: "first",
        kind,
        script: (exchange) => exchange.sendWhole(status, body),
      };
      for (const stream of [true, false]) {
        const { got, outcomes, asked, request } = await askLadder([first, SPARE], { stream });
        assert.equal(got.status, status);
        const { type, code, param, message } = got.error ?? {};
        assert.deepEqual({ type, code, param }, told);
        assert.match(String(message), /: no \(1 attempt: first at first: /);
        assert.equal(got.headers.get("x-should-retry"), "false");
        assert.equal(got.headers.get("content-type"), "application/json");
        assert.deepEqual([outcomes, asked], [[`first:${outcome}`], ["first"]]);
        assert.equal(request["status"], "error");
      }
    },
  });
}

rowTest("final-errors", {
  name: "what a filter refuses is not asked elsewhere, whole and streamed",
  body: async () => {
    const filter: Rung = {
      alias: "filter",
      kind: "openai",
      script: (exchange) =>
        exchange.sendWhole(400, {
          "error": { "message": "no", "param": "prompt", "code": "content_filter" },
        }),
    };
    for (const stream of [true, false]) {
      const { got, outcomes } = await askLadder([filter, SPARE], { stream });
      assert.deepEqual([got.status, got.error?.["code"]], [400, "content_filter"]);
      assert.deepEqual(outcomes, ["filter:content_filter"]);
    }
  },
});

rowTest("final-errors", {
  name: "an answer that a filter withholds is told as that, and not as empty",
  body: async () => {
    const withheld = { "index": 0, "finish_reason": "content_filter" };
    const whole = { "choices": [{ ...withheld, "message": { "role": "assistant" } }] };
    const chunk = { "choices": [{ ...withheld, "delta": {} }] };
    const filter: Rung = {
      alias: "filter",
      kind: "openai",
      script: async (exchange) => {
        if (exchange.body["stream"] !== true) return await exchange.sendWhole(200, whole);
        await exchange.sendStreamHead();
        await exchange.sendChunk(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
        await exchange.endChunks();
      },
    };
    for (const stream of [true, false]) {
      const { got, outcomes } = await askLadder([filter, SPARE], { stream });
      assert.deepEqual([got.status, got.error?.["code"]], [400, "content_filter"]);
      assert.deepEqual(outcomes, ["filter:content_filter"]);
    }
  },
});

rowTest("final-errors", {
  name: "a spent quota is none of them: another provider may have some",
  body: async () => {
    const spent: Rung = {
      alias: "spent",
      kind: "openai",
      script: (exchange) =>
        exchange.sendWhole(429, { "error": { "message": "no", "code": "insufficient_quota" } }),
    };
    const { got, outcomes } = await askLadder([spent, SPARE], { stream: true });
    assert.equal(got.text, SPARE_TEXT);
    assert.deepEqual(outcomes, ["spent:quota", "spare:ok"]);
    const lone = await askLadder([spent], { stream: true, extra: { cascade: NO_WAIT } });
    assert.deepEqual([lone.got.status, lone.got.error?.["code"]], [429, "insufficient_quota"]);
    assert.equal(lone.got.headers.get("x-should-retry"), "false");
  },
});
