import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { ASK, askFor, withLadder } from "../support/cascade_case.ts";
import { timedTest } from "../support/deadline.ts";
import { answers, readReport, rungsOf, why } from "../support/why_case.ts";

const TOOLS = [{ "type": "function", "function": { "name": "f" } }];

interface RefusedCase {
  readonly name: string;
  readonly fields?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  readonly rule: string;
  readonly status: number;
  readonly reason: RegExp;
  readonly rejected: readonly string[];
}

const REFUSED: readonly RefusedCase[] = [
  {
    name: "no model that supports tools",
    fields: { "tools": TOOLS },
    rule: "policy:balanced",
    status: 400,
    reason: /^no model of policy:balanced can take the request$/,
    rejected: ["m1 does not support tools"],
  },
  {
    name: "a header that names no alias",
    headers: { "x-pirouter-route": "nope" },
    rule: "header",
    status: 400,
    reason: /^x-pirouter-route names what is no alias$/,
    rejected: [],
  },
  {
    name: "a model that is no alias",
    fields: { "model": "nope" },
    rule: "model",
    status: 404,
    reason: /unknown_model = "reject"/,
    rejected: [],
  },
];

for (const { name, fields = {}, headers = {}, rule, status, reason, rejected } of REFUSED) {
  for (const stream of [true, false]) {
    const mode = stream ? "streamed" : "whole";
    timedTest(`a refusal has one row and is explained: ${name}, ${mode}`, () =>
      withLadder(
        [{ alias: "m1", kind: "openai", script: answers, model: "supports_tools = false" }],
        async ({ daemon }) => {
          const response = await daemon.chat({ ...ASK, ...fields, stream }, { headers });
          await response.text();
          assert.equal(response.status, status);
          const { requests, attempts } = await daemon.ledger();
          assert.deepEqual([requests.length, attempts], [1, []]);
          const id = response.headers.get("x-pirouter-request-id") ?? "";
          const report = await readReport(daemon, id);
          assert.deepEqual(
            [report.status, report["http_status"], report["route_rule"], report["primary_model"]],
            ["error", status, rule, ""],
          );
          assert.match(report.explanation.reasons[0] ?? "", reason);
          const { explanation } = report;
          const left = explanation.rejected.map(({ alias, reason }) => `${alias} ${reason}`);
          assert.deepEqual(left, rejected);
          assert.equal(explanation.otherwise?.alias, rejected.length === 0 ? "m1" : undefined);
          assert.match(await why(daemon, id), /\n {2}- none: no model was asked\n/);
        },
        { rules: "", routing: 'unknown_model = "reject"' },
      ));
  }
}

timedTest(
  "a request that can't be read has no row",
  () =>
    withLadder(rungsOf([answers]), async ({ daemon }) => {
      for (const body of ["{", '{"model": 5, "messages": []}']) {
        const headers = { "content-type": "application/json" };
        const response = await daemon.fetch("/v1/chat/completions", {
          method: "POST",
          headers,
          body,
        });
        await response.text();
        assert.equal(response.status, 400);
      }
      await askFor(daemon, false);
      await daemon.ledger(1);
    }),
);
