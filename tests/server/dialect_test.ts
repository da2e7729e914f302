import assert from "node:assert/strict";
import OpenAI from "openai";
import { arrayAt, type JsonObject, objectAt, stringAt } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { KINDS } from "../support/cascade_case.ts";
import { ASK, DIALECT_CASES, type DialectCase } from "../support/dialect_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { type Exchange, Upstream } from "../support/upstream.ts";
import type { ScriptedAnswer } from "../support/upstream_wire.ts";

type Params = DialectCase["params"];

const SCHEMA = {
  "type": "object",
  "properties": { "answer": { "type": "integer" } },
  "required": ["answer"],
  "additionalProperties": false,
};

function clientOf(daemon: TestDaemon): OpenAI {
  return new OpenAI({
    baseURL: `${daemon.origin}/v1`,
    apiKey: "client-key",
    maxRetries: 0,
    fetch: (url, init) => daemon.fetch(new URL(String(url)).pathname, init),
  });
}

/** The model's line: each dialect's own names decide what it may be sent. */
const MODEL_LINES: Readonly<Record<ProviderKind, string>> = {
  openai: 'model_id = "gpt-5.5"\nmax_output_tokens = 4096',
  anthropic: 'model_id = "claude-opus-4-5"\nmax_output_tokens = 8192',
  ollama: 'model_id = "qwen3:8b"',
};

/** The temperature and the stop sequence, which OpenAI's reasoning models refuse. */
const REFUSED_THERE = ["0.5", "END"];

async function withClient(
  kind: ProviderKind,
  script: (exchange: Exchange) => Promise<void>,
  use: (client: OpenAI, upstream: Upstream, daemon: TestDaemon) => Promise<void>,
): Promise<void> {
  await using upstream = new Upstream(kind, script);
  const model = MODEL_LINES[kind];
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "primary", upstream, model }]));
  await use(clientOf(daemon), upstream, daemon);
}

for (const kind of KINDS) {
  for (const { name, params, answer, arrives, arrivesAt, check } of DIALECT_CASES) {
    timedTest(
      `the OpenAI client gets ${name} from ${kind}, whole and streamed`,
      () =>
        withClient(
          kind,
          (exchange) => exchange.answer(answer),
          async (client, upstream, daemon) => {
            const fitted = kind === "openai" ? withoutSampling(params) : params;
            const whole = await client.chat.completions.create({ model: "auto", ...fitted });
            assert.equal(whole.model, "primary");
            const [choice] = whole.choices;
            assert.ok(choice);
            check(choice.message, choice["finish_reason"]);
            assert.equal(whole.usage?.["prompt_tokens"], 11);
            const streamed = await readStream(client, fitted);
            const [streamedChoice] = streamed.choices;
            assert.ok(streamedChoice);
            check(streamedChoice.message, streamedChoice["finish_reason"]);
            assert.equal(streamed.usage?.["completion_tokens"], 7);
            assert.equal(upstream.exchanges.length, 2);
            for (const { request } of upstream.exchanges) {
              const wanted = kind === "openai"
                ? arrives.filter((text) => !REFUSED_THERE.includes(text))
                : arrives;
              for (const text of [...wanted, arrivesAt?.[kind] ?? ""]) {
                assert.ok(request.text.includes(text), `${text} arrives`);
              }
            }
            const { requests } = await daemon.ledger(2);
            assert.deepEqual(
              requests.map((row) => row["status"]),
              ["ok", "ok"],
            );
          },
        ),
    );
  }
}

/** GPT-5 takes neither. */
function withoutSampling(params: Params): Params {
  const { temperature: _temperature, ...rest } = params;
  return rest;
}

/** The answer as the client puts it together; of fields that it does not know it keeps the last piece. */
async function readStream(
  client: OpenAI,
  params: Params,
): Promise<OpenAI.ChatCompletion> {
  let reasoning = "";
  const options = { "stream_options": { "include_usage": true } };
  const stream = client.chat.completions.stream({ model: "auto", ...params, ...options });
  stream.on("chunk", (chunk) => {
    const delta = chunk.choices[0]?.delta ?? {};
    reasoning += Reflect.get(delta, "reasoning_content") ?? "";
  });
  const whole = await stream.finalChatCompletion();
  const message = whole.choices[0]?.message;
  if (message !== undefined) Reflect.set(message, "reasoning_content", reasoning);
  return whole;
}

for (const kind of KINDS) {
  timedTest(`a JSON schema reaches ${kind} and its answer comes back as text`, () => {
    const json = '{"answer":42}';
    const script = (exchange: Exchange) => exchange.answer(jsonAnswerFor(exchange, json));
    return withClient(kind, script, async (client, upstream) => {
      const whole = await client.chat.completions.create({
        model: "auto",
        messages: [ASK],
        "response_format": {
          type: "json_schema",
          "json_schema": { name: "result", strict: true, schema: SCHEMA },
        },
      });
      assert.deepEqual(JSON.parse(whole.choices[0]?.message.content ?? ""), { answer: 42 });
      assert.equal(whole.choices[0]?.["finish_reason"], "stop");
      assert.ok(upstream.exchanges[0]?.request.text.includes('"answer":{"type":"integer"}'));
    });
  });
}

/** Where a dialect has no schema of its own, a forced tool stands for it. */
function jsonAnswerFor(exchange: Exchange, json: string): ScriptedAnswer {
  const choice = objectAt(exchange.body, "tool_choice");
  const forced = stringAt(choice, "name");
  if (exchange.kind !== "anthropic" || forced === undefined) return { text: [json] };
  const tools = arrayAt(exchange.body, "tools").map((tool) => stringAt(tool, "name"));
  assert.ok(tools.includes(forced));
  return { calls: [{ id: "toolu_1", name: forced, arguments: json }] };
}

const ERROR_BODIES: Readonly<Record<ProviderKind, JsonObject>> = {
  openai: { "error": { "message": "no such thing", "type": "t", "param": "p", "code": "c" } },
  anthropic: {
    "type": "error",
    "error": { "type": "invalid_request_error", "message": "no such thing" },
  },
  ollama: { "error": "no such thing" },
};

for (const kind of KINDS) {
  timedTest(
    `an error of ${kind} reaches the OpenAI client as its own error class`,
    () =>
      withClient(
        kind,
        (exchange) => exchange.sendWhole(400, ERROR_BODIES[kind]),
        async (client, upstream, daemon) => {
          const failure = client.chat.completions.create({ model: "auto", messages: [ASK] });
          await assert.rejects(failure, (error) => {
            assert.ok(error instanceof OpenAI.BadRequestError);
            assert.match(error.message, /no such thing/);
            assert.match(error.message, /primary at primary: bad_request/);
            return true;
          });
          assert.equal(upstream.exchanges.length, 1);
          const { requests } = await daemon.ledger();
          assert.equal(requests[0]?.["status"], "error");
          assert.equal(requests[0]?.["http_status"], 400);
        },
      ),
  );
}
