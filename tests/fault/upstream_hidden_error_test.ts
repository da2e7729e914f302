import assert from "node:assert/strict";
import type { ProviderKind } from "../../src/core/provider.ts";
import { askLadder } from "../support/asked_ladder.ts";
import { KINDS, NO_WAIT, type Rung, SPARE, SPARE_TEXT } from "../support/cascade_case.ts";
import { within } from "../support/deadline.ts";
import { rowTest } from "../support/fault_row.ts";
import type { Exchange, HeaderList, Script } from "../support/upstream.ts";

/** The errors that a 200 hides, as each dialect writes them; each stands for one that passes. */
const ERRORS: Readonly<Record<ProviderKind, string>> = {
  openai: '{"error":{"message":"hidden","code":429}}',
  anthropic: '{"type":"error","error":{"type":"rate_limit_error","message":"hidden"}}',
  ollama: '{"error":"server busy, hidden"}',
};

interface HiddenError {
  readonly name: string;
  readonly body: (kind: ProviderKind) => string;
  /** The outcome of the attempt, whole and streamed. */
  readonly outcome: RegExp;
  /** Headers other than those of an answer. */
  readonly headers?: HeaderList;
}

const CASES: readonly HiddenError[] = [
  { name: "an error body", body: (kind) => ERRORS[kind], outcome: /^(rate_limit|overloaded)$/ },
  {
    name: "a web page",
    body: () => "<!doctype html><p>hidden</p>",
    outcome: /^malformed$/,
    headers: { "content-type": "text/html; charset=utf-8" },
  },
  {
    name: "a web page that says it is none",
    body: () => "<!doctype html><p>hidden</p>",
    outcome: /^(malformed|truncated)$/,
  },
  { name: "nothing", body: () => "", outcome: /^(malformed|truncated)$/ },
  { name: "null", body: () => "null", outcome: /^(malformed|truncated)$/ },
  { name: "{}", body: () => "{}", outcome: /^(malformed|truncated)$/ },
  { name: "a list", body: () => "[]", outcome: /^(malformed|truncated)$/ },
  { name: "a sentence", body: () => '"hidden"', outcome: /^(malformed|truncated)$/ },
  { name: "no choices", body: () => '{"choices":[]}', outcome: /^(malformed|truncated)$/ },
  { name: "choices: null", body: () => '{"choices":null}', outcome: /^(malformed|truncated)$/ },
  {
    name: "a choice without a message",
    body: () => '{"choices":[{"index":0,"message":null}]}',
    outcome: /^(malformed|truncated)$/,
  },
  { name: "no content", body: () => '{"type":"message"}', outcome: /^(malformed|truncated)$/ },
  {
    name: "an end without a message",
    body: () => '{"done":true}',
    outcome: /^(malformed|empty|truncated)$/,
  },
];

/** The ways in which a body comes: whole, as JSON where a stream was asked for, as one event of it. */
const WAYS = ["whole", "JSON for a stream", "an event"] as const;

function send(way: typeof WAYS[number], hidden: HiddenError): Script {
  return async (exchange) => {
    const body = hidden.body(exchange.kind);
    if (way !== "an event") return await exchange.sendWhole(200, body, hidden.headers);
    await exchange.sendStreamHead(hidden.headers);
    const event = exchange.kind === "ollama" ? `${body}\n` : `data: ${body}\n\n`;
    await exchange.sendChunk(event);
    await exchange.endChunks();
  };
}

for (const kind of KINDS) {
  for (const hidden of CASES) {
    rowTest("hidden-errors", {
      name: `200 of ${kind} with ${hidden.name} leads to the next candidate`,
      body: async () => {
        for (const way of WAYS) {
          const first: Rung = { alias: "first", kind, script: send(way, hidden) };
          const { got, outcomes } = await askLadder([first, SPARE], { stream: way !== "whole" });
          assert.deepEqual([got.status, got.text, got.finish], [200, SPARE_TEXT, "stop"], way);
          assert.doesNotMatch(got.raw, /hidden|html/);
          const [alias, outcome = ""] = (outcomes[0] ?? "").split(":");
          assert.equal(alias, "first");
          assert.match(outcome, hidden.outcome, way);
          assert.equal(outcomes[1], "spare:ok");
        }
      },
    });
  }
}

rowTest("hidden-errors", {
  name: "of a lone candidate the client gets the status that the 200 hid",
  body: async () => {
    const extra = { cascade: NO_WAIT };
    for (const [kind, status] of [["openai", 429], ["anthropic", 429], ["ollama", 503]] as const) {
      for (const way of WAYS) {
        const script = send(way, { name: "", body: () => ERRORS[kind], outcome: /./ });
        const lone: Rung = { alias: "lone", kind, script };
        const { got } = await askLadder([lone], { stream: way !== "whole", extra });
        assert.equal(got.status, status, `${kind}, ${way}`);
        assert.match(String(got.error?.["message"]), /hidden/);
      }
    }
  },
});

const PROMISED_BYTES = 1024 ** 3;

/** More than the sockets' buffers hold, and far less than what was promised. */
const MOST_BYTES = 64 * 1024 ** 2;

for (const kind of KINDS) {
  rowTest("endless-error", {
    name: `an error of ${kind} with a body of 1 GB is read to its cap, and no further`,
    body: async () => {
      for (const stream of [true, false]) {
        const sent: number[] = [];
        const exchanges: Exchange[] = [];
        const script: Script = async (exchange) => {
          exchanges.push(exchange);
          const headers = { "content-type": "application/json" };
          await exchange.sendHead(500, { ...headers, "content-length": `${PROMISED_BYTES}` });
          sent.push(await flood(exchange));
        };
        const lone: Rung = { alias: "lone", kind, script };
        const { got, outcomes } = await askLadder([lone], { stream });
        assert.deepEqual([got.status, got.error?.["code"]], [502, "upstream_server_error"]);
        assert.deepEqual(outcomes, ["lone:server_error"]);
        assert.ok(got.raw.length < 10_000, "a short error");
        assert.equal(sent.length, 1);
        assert.ok((sent[0] ?? Infinity) < MOST_BYTES, `${sent[0]} bytes`);
        await within(exchanges[0]?.over ?? Promise.reject(), "the end of the exchange");
      }
    },
  });
}

/** Sends until pirouter leaves, or all that was promised; the bytes that were sent. */
async function flood(exchange: Exchange): Promise<number> {
  const piece = new TextEncoder().encode("x".repeat(65_536));
  let sentBytes = 0;
  while (!exchange.isClientGone && sentBytes < PROMISED_BYTES) {
    await exchange.sendRaw(piece);
    sentBytes += piece.length;
  }
  return sentBytes;
}
