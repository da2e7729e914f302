import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { ASK, askFor, KINDS, NO_WAIT, type Rung, withLadder } from "../support/cascade_case.ts";
import type { TestDaemon } from "../support/daemon.ts";
import { readResponse } from "../support/got.ts";
import { conformanceTest } from "../support/schema.ts";
import { assertBrokenStream, assertError } from "../support/schema_stream.ts";
import type { Exchange } from "../support/upstream_exchange.ts";
import { errorBodyOf, streamEvents } from "../support/upstream_wire.ts";
import { VENDOR_ERRORS } from "./vendor_errors.ts";

function rungOf(kind: ProviderKind, script: Rung["script"]): Rung {
  return { alias: "model", kind, script };
}

for (const { what, kind, status, body, headers, expected } of VENDOR_ERRORS) {
  conformanceTest(`${what} of the ${kind} dialect is OpenAI's error, ${expected}`, async () => {
    const script = (exchange: Exchange) => exchange.sendWhole(status, body, headers);
    await withLadder([rungOf(kind, script)], async ({ daemon }) => {
      for (const stream of [false, true]) {
        const got = await askFor(daemon, stream);
        assertError(got, { label: `stream: ${stream}`, status: expected });
      }
    }, { cascade: NO_WAIT });
  });
}

/** How a stream can break after its first chunk, by what the upstream sends then. */
const BREAKS: readonly (readonly [string, (exchange: Exchange) => Promise<void>])[] = [
  ["an error in the stream", async (exchange) => {
    const body = errorBodyOf(exchange.kind, "The server had an error");
    const text = JSON.stringify(body);
    await exchange.sendChunk(exchange.kind === "ollama" ? `${text}\n` : `data: ${text}\n\n`);
    await exchange.endChunks();
  }],
  ["an end without its marker", (exchange) => exchange.endChunks()],
  ["a cut connection", (exchange) => Promise.resolve(exchange.cut())],
];

for (const [what, breakOff] of BREAKS) {
  for (const kind of KINDS) {
    conformanceTest(`${what} of the ${kind} dialect ends in one valid error`, async () => {
      const events = streamEvents(kind, { text: ["One, ", "two, ", "three, ", "four."] });
      const script = async (exchange: Exchange) => {
        await exchange.sendStreamHead();
        for (const event of events.slice(0, -3)) await exchange.sendChunk(event);
        await breakOff(exchange);
      };
      await withLadder([rungOf(kind, script)], async ({ daemon }) => {
        const got = await askFor(daemon, true, { "stream_options": { "include_usage": true } });
        assertBrokenStream(got, what);
      }, { cascade: NO_WAIT });
    });
  }
}

const JSON_TYPE = { "content-type": "application/json" };
const CHAT = "/v1/chat/completions";

function post(body: string, headers: Record<string, string> = JSON_TYPE): RequestInit {
  return { method: "POST", headers, body };
}

function chat(body: JsonValue): RequestInit {
  return post(JSON.stringify(body));
}

const LONG = "x".repeat(1_100_000);
const USER: JsonObject = { "role": "user", "content": "Hi" };

/** What pirouter itself refuses: [what, path, request, status, code, param]. */
const REFUSALS: readonly (readonly [string, string, RequestInit, number, string, string | null])[] =
  [
    ["a body that is no JSON", CHAT, post("{"), 400, "invalid_json", null],
    ["a list as body", CHAT, chat([]), 400, "invalid_value", null],
    ["no messages", CHAT, chat({ "model": "auto" }), 400, "invalid_value", "messages"],
    [
      "a wrong content",
      CHAT,
      chat({ "messages": [{ ...USER, "content": 5 }] }),
      400,
      "invalid_value",
      "messages[0].content",
    ],
    [
      "an unknown model",
      CHAT,
      chat({ "model": "nobody", "messages": [USER] }),
      404,
      "model_not_found",
      "model",
    ],
    ["an unknown path", "/v1/nothing", {}, 404, "not_found", null],
    ["a wrong method", CHAT, { method: "PUT", body: "{}" }, 405, "method_not_allowed", null],
    [
      "a long body",
      CHAT,
      chat({ "messages": [{ ...USER, "content": LONG }] }),
      413,
      "request_too_large",
      null,
    ],
    [
      "a body that is not declared as JSON",
      CHAT,
      post("{}", { "content-type": "text/plain" }),
      415,
      "unsupported_media_type",
      null,
    ],
    ["a model that does not exist", "/v1/models/nobody", {}, 404, "model_not_found", "model"],
  ];

for (const [what, path, init, status, code, param] of REFUSALS) {
  conformanceTest(`${what} is refused with OpenAI's error, ${status} ${code}`, async () => {
    await withRefusing(async (daemon) => {
      const got = await readResponse(await daemon.fetch(path, init));
      assertError(got, { label: what, status });
      assert.equal(got.error?.["code"], code);
      assert.equal(got.error?.["param"], param);
      assert.equal(got.error?.["type"], "invalid_request_error");
    });
  });
}

conformanceTest("an overflow that pirouter foresees is told in OpenAI's words", async () => {
  const model = 'model_id = "small"\ncontext_window = 200';
  await withLadder([{ ...rungOf("ollama", null), model }], async ({ daemon }) => {
    const content = "word ".repeat(2_000);
    const messages = [{ "role": "user", "content": content }];
    const got = await readResponse(await daemon.chat({ ...ASK, "model": "model", messages }));
    assertError(got, { label: "overflow", status: 400 });
    assert.equal(got.error?.["code"], "context_length_exceeded");
    assert.match(String(got.error?.["message"]), /maximum context length is 200 tokens/);
  }, { cascade: NO_WAIT });
});

async function withRefusing(use: (daemon: TestDaemon) => Promise<void>): Promise<void> {
  const extra = { server: "max_body_mb = 1", routing: 'unknown_model = "reject"', rules: "" };
  const answering = rungOf("openai", (exchange) => exchange.answer({ text: ["Hi."] }));
  await withLadder([answering], ({ daemon }) => use(daemon), extra);
}
