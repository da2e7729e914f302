import assert from "node:assert/strict";
import type { ProviderKind } from "../../src/core/provider.ts";
import {
  askFor,
  NO_WAIT,
  outcomesOf,
  SPARE,
  SPARE_TEXT,
  withLadder,
} from "../support/cascade_case.ts";
import { rowTest } from "../support/fault_row.ts";
import { sendStart, sendUpTo } from "../support/leaving.ts";
import type { Exchange } from "../support/upstream.ts";
import { streamEvents } from "../support/upstream_wire.ts";

interface ErrorEvent {
  readonly kind: ProviderKind;
  readonly name: string;
  readonly event: string;
  /** How the attempt ends, and the status of the response when nobody else is asked. */
  readonly outcome: string;
  readonly status: number;
}

const sse = (error: object, event = "") => `${event}data: ${JSON.stringify(error)}\n\n`;

/** THE TABLE of errors in streams, as the vendors write them. */
const ERROR_EVENTS: readonly ErrorEvent[] = [
  {
    kind: "openai",
    name: "a server_error",
    event: sse({ "error": { "message": "Oops", "type": "server_error", "code": null } }),
    outcome: "server_error",
    status: 502,
  },
  {
    kind: "openai",
    name: "an event named error",
    event: sse(
      { "error": { "message": "Slow", "type": "requests", "code": "rate_limit_exceeded" } },
      "event: error\n",
    ),
    outcome: "rate_limit",
    status: 429,
  },
  {
    // https://openrouter.ai/docs/api-reference/errors: the code is an HTTP status.
    kind: "openai",
    name: "OpenRouter's error in a chunk",
    event: sse({
      "error": { "code": 502, "message": "Provider disconnected" },
      "choices": [{ "index": 0, "delta": { "content": "" }, "finish_reason": "error" }],
    }),
    outcome: "server_error",
    status: 502,
  },
  {
    kind: "anthropic",
    name: "an overloaded_error",
    event: sse(
      { "type": "error", "error": { "type": "overloaded_error", "message": "Overloaded" } },
      "event: error\n",
    ),
    outcome: "overloaded",
    status: 503,
  },
  {
    kind: "anthropic",
    name: "an api_error",
    event: sse(
      { "type": "error", "error": { "type": "api_error", "message": "Internal server error" } },
      "event: error\n",
    ),
    outcome: "server_error",
    status: 502,
  },
  {
    kind: "ollama",
    name: "an error line",
    event: '{"error":"llama runner process has terminated: exit status 2"}\n',
    outcome: "server_error",
    status: 502,
  },
];

for (const { kind, name, event, outcome, status } of ERROR_EVENTS) {
  const failEarly = async (exchange: Exchange) => {
    await sendStart(exchange);
    await exchange.sendChunk(event);
    await exchange.endChunks();
  };
  rowTest("error-event", {
    name: `${kind}: ${name} before the first content leads to the next candidate`,
    body: () =>
      withLadder([{ alias: "first", kind, script: failEarly }, SPARE], async ({ daemon }) => {
        const got = await askFor(daemon, true);
        assert.deepEqual([got.text, got.error], [SPARE_TEXT, null]);
        assert.deepEqual(await outcomesOf(daemon), [`first:${outcome}`, "spare:ok"]);
      }),
  });
  rowTest("error-event", {
    name: `${kind}: ${name} before the first content is HTTP ${status} when nobody else is left`,
    body: () =>
      withLadder([{ alias: "first", kind, script: failEarly }], async ({ daemon }) => {
        const got = await askFor(daemon, true);
        assert.equal(got.status, status, JSON.stringify(got.error));
        assert.ok(got.error);
        assert.deepEqual(await outcomesOf(daemon), [`first:${outcome}`]);
      }, { cascade: NO_WAIT }),
  });
  rowTest("error-event", {
    name: `${kind}: ${name} after the first content is one error event, no replay`,
    body: () => {
      const script = async (exchange: Exchange) => {
        await sendUpTo(exchange, "half");
        await exchange.sendChunk(event + streamEvents(kind, { text: ["more"] }).join(""));
        await exchange.endChunks();
      };
      return withLadder(
        [{ alias: "first", kind, script }, SPARE],
        async ({ upstreams, daemon }) => {
          const got = await askFor(daemon, true);
          assert.deepEqual([got.status, got.text, got.finish], [200, "half", null]);
          assert.equal(got.raw.match(/"error":/g)?.length, 1);
          assert.match(got.raw, /data: \{"error":.*\n\n$/);
          assert.doesNotMatch(got.raw, /\[DONE\]/);
          assert.equal(upstreams[1]?.exchanges.length, 0);
          assert.deepEqual(await outcomesOf(daemon), [`first:${outcome}`]);
        },
      );
    },
  });
}
