import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { timedTest } from "../support/deadline.ts";
import { withPassage } from "../support/passage_case.ts";
import { completion, embeddingsAnswer } from "../support/passage_upstream.ts";
import type { Script } from "../support/upstream.ts";

/** An upstream that refuses a field of the request. */
function refuse(
  field: string,
  { code, answer }: { readonly code: string; readonly answer: JsonObject },
): Script {
  const message = `Unsupported: '${field}' does not work with this model.`;
  const error = { message, "type": "invalid_request_error", "param": field, code };
  return (exchange) =>
    field in exchange.body ? exchange.sendWhole(400, { error }) : exchange.sendWhole(200, answer);
}

/** An upstream that refuses a field whether it is sent or not. */
function alwaysRefuse(field: string): Script {
  const message = `Unknown parameter: '${field}'.`;
  const error = {
    message,
    "type": "invalid_request_error",
    "param": field,
    "code": "unknown_parameter",
  };
  return (exchange) => exchange.sendWhole(400, { error });
}

timedTest(
  "what a model of a client's own name refuses is not remembered",
  () =>
    withPassage(async ({ upstream, complete }) => {
      for (const count of [1, 2]) {
        const response = await complete({ "model": "nobody-knows-it", "seed": 1 });
        assert.equal(response.status, 200, `request ${count}`);
        await response.body?.cancel();
      }
      const sent = upstream.exchanges.map(({ body }) => "seed" in body);
      assert.deepEqual(sent, [true, false, true, false]);
    }, {
      script: refuse("seed", {
        code: "unknown_parameter",
        answer: completion("x", { end: "stop" }),
      }),
    }),
);

timedTest(
  "what a model of the catalog refuses is not sent to it again, and noted",
  () =>
    withPassage(async ({ daemon, upstream, embed }) => {
      for (const count of [1, 2]) {
        const response = await embed({}, { "user": "u" });
        assert.equal(response.status, 200, `request ${count}`);
        await response.body?.cancel();
      }
      const sent = upstream.exchanges.map(({ body }) => "user" in body);
      assert.deepEqual(sent, [true, false, false]);
      const { attempts } = await daemon.ledger(2);
      assert.deepEqual(attempts.map((row) => row["dropped"]), ["user", "user"]);
    }, { script: refuse("user", { code: "unknown_parameter", answer: embeddingsAnswer("x") }) }),
);

timedTest(
  "a value that a model refuses is tried again with the next request",
  () =>
    withPassage(async ({ upstream, complete }) => {
      for (const temperature of [2, 1]) await (await complete({ temperature })).body?.cancel();
      const sent = upstream.exchanges.map(({ body }) => body["temperature"] ?? null);
      assert.deepEqual(sent, [2, null, 1, null]);
    }, {
      script: refuse("temperature", {
        code: "unsupported_value",
        answer: completion("x", { end: "stop" }),
      }),
    }),
);

const ASKED_ONCE: readonly (readonly [string, JsonObject])[] = [
  ["user", {}],
  ["dimensions", { "dimensions": 256 }],
  ["encoding_format", { "encoding_format": "base64" }],
  ["input", {}],
  ["toString", {}],
];

for (const [field, body] of ASKED_ONCE) {
  timedTest(
    `an embeddings model that refuses "${field}" is not asked without it`,
    () =>
      withPassage(async ({ upstream, embed }) => {
        const response = await embed({}, body);
        assert.equal(response.status, 400);
        const { error } = await response.json();
        assert.equal(error.param, field);
        assert.equal(upstream.exchanges.length, 1);
      }, { script: alwaysRefuse(field) }),
  );
}

for (const field of ["suffix", "stop", "prompt", "constructor"]) {
  timedTest(
    `a completions model that refuses "${field}" is not asked without it`,
    () =>
      withPassage(async ({ upstream, complete }) => {
        const response = await complete({ "suffix": "}", "stop": "\n" });
        assert.equal(response.status, 400);
        assert.equal((await response.json()).error.param, field);
        assert.equal(upstream.exchanges.length, 1);
      }, { script: alwaysRefuse(field) }),
  );
}

timedTest(
  "a 404 that names the model blames no endpoint",
  () =>
    withPassage(async ({ complete }) => {
      const { error: { message } } = await (await complete()).json();
      assert.equal(message.includes("endpoint"), false, message);
    }, {
      script: (exchange) => {
        const message = "no such model";
        const error = { message, "type": "x", "param": null, "code": "model_not_found" };
        return exchange.sendWhole(404, { error });
      },
    }),
);
