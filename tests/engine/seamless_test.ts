import assert from "node:assert/strict";
import { ASK, type Rung, SPARE, withCascade, withLadder } from "../support/cascade_case.ts";
import type { TestDaemon } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { eventsIn } from "../support/got.ts";
import { SseClient } from "../support/sse_client.ts";
import { assertQuick } from "../support/time_limit.ts";
import type { Exchange } from "../support/upstream.ts";
import { openaiChunk, openaiEvents } from "../support/upstream_wire_openai.ts";

const TOKEN_MS = 20;
const MIN_TOKENS = 8;
const TOKENS = Array.from({ length: 20 }, (_, index) => `t${index} `);
const STREAMED = { ...ASK, "stream": true, "stream_options": { "include_usage": true } };

/** Sends an answer at a pace of 20 ms a token, whatever the timers of this machine add to a pause. */
async function sendSlowly(exchange: Exchange): Promise<void> {
  const startedAt = performance.now();
  let tokenCount = 0;
  await exchange.sendStreamHead();
  for (const event of openaiEvents({ text: TOKENS })) {
    if (/"content":"t/.test(event)) {
      const dueAt = startedAt + ++tokenCount * TOKEN_MS;
      await new Promise((resolve) => setTimeout(resolve, dueAt - performance.now()));
    }
    await exchange.sendChunk(event);
  }
  await exchange.endChunks();
}

interface Streamed {
  /** Every byte, but for what names this one request. */
  readonly raw: string;
  readonly ttftMs: number;
}

async function stream(daemon: TestDaemon): Promise<Streamed> {
  const startedAt = performance.now();
  const client = new SseClient(await daemon.chat(STREAMED));
  await client.nextText();
  const ttftMs = performance.now() - startedAt;
  await client.readAll();
  return { raw: anonymous(client.raw), ttftMs };
}

function anonymous(raw: string): string {
  return raw.replaceAll(/"id":"chatcmpl-[^"]*"/g, '"id":"?"').replaceAll(
    /"created":\d+/g,
    '"created":0',
  );
}

/** The bytes of a stream whose first token comes within this limit, at least in one of several runs. */
async function streamThrough(cascade: string, limitMs: number): Promise<string> {
  const raws = new Set<string>();
  const weak: Rung = { alias: "weak", kind: "openai", script: sendSlowly };
  await withLadder([weak, SPARE], async ({ upstreams: [, spare], daemon }) => {
    await assertQuick({ what: "the first token", limitMs, tries: 6 }, async () => {
      const { raw, ttftMs } = await stream(daemon);
      raws.add(raw);
      return ttftMs;
    });
    assert.equal(spare?.exchanges.length, 0);
  }, { cascade });
  assert.equal(raws.size, 1, "all runs are alike");
  return [...raws].join();
}

const SHORT_CHECK = `on_short_response = true\nmin_output_tokens = ${MIN_TOKENS}`;

timedTest("the gate holds eight tokens for a check of eight, and changes no byte", async () => {
  const held = await streamThrough(SHORT_CHECK, MIN_TOKENS * TOKEN_MS + 10);
  const direct = await streamThrough("", TOKEN_MS + 10);
  assert.equal(held, direct);
  const own = anonymous(openaiEvents({ text: TOKENS }).join(""))
    .replaceAll('"model":"upstream-model"', '"model":"weak"');
  const parse = (raw: string) =>
    eventsIn(raw).map((event) => event === "[DONE]" ? event : JSON.parse(event));
  assert.deepEqual(parse(direct), parse(own), "the upstream's own, but for id, created and model");
});

const REJECTED = "REJECTED";

/** What goes wrong while the first attempt is held. */
const MID_HOLD: readonly (readonly [string, (exchange: Exchange) => Promise<void>])[] = [
  ["is cut", (exchange) => Promise.resolve(exchange.cut())],
  ["ends with an error", async (exchange) => {
    await exchange.sendChunk('data: {"error":{"message":"x","type":"server_error"}}\n\n');
    await exchange.endChunks();
  }],
  ["ends weakly", async (exchange) => {
    await exchange.sendChunk(openaiChunk({}, "stop") + "data: [DONE]\n\n");
    await exchange.endChunks();
  }],
  ["says garbage", async (exchange) => {
    await exchange.sendChunk("data: {]\n\n");
    await exchange.endChunks();
  }],
];

for (const [name, goWrong] of MID_HOLD) {
  timedTest(
    `when a held attempt ${name}, its client sees the second model's stream alone`,
    () =>
      withCascade(
        async (exchange) => {
          await exchange.sendStreamHead();
          await exchange.sendChunk(openaiChunk({ "role": "assistant", "content": "" }, null));
          await exchange.sendChunk(openaiChunk({ "reasoning_content": REJECTED }, null));
          await exchange.sendChunk(openaiChunk({ "content": `${REJECTED} ` }, null));
          await goWrong(exchange);
        },
        async ({ daemon }) => {
          const response = await daemon.chat(STREAMED);
          const client = new SseClient(response);
          await client.readAll();
          const alone = await daemon.chat({ ...STREAMED, "model": "spare" });
          const direct = new SseClient(alone);
          await direct.readAll();
          assert.equal(anonymous(client.raw), anonymous(direct.raw));
          const own = new Set(["date", "x-pirouter-attempts", "x-pirouter-rule"]);
          const namesOf = ({ headers }: Response) =>
            [...headers].filter(([name]) => !own.has(name) && !name.endsWith("request-id"));
          assert.deepEqual(namesOf(response), namesOf(alone));
          assert.equal(response.headers.get("x-pirouter-attempts"), "2");
          assert.ok(!client.raw.includes(REJECTED));
        },
        {
          cascade: `${SHORT_CHECK}\nreasoning = "hold"`,
          rules: `[[rules]]
name = "in-order"
when = { model_alias_eq = "auto" }
then = { primary = "first", cascade = ["spare"] }`,
        },
      ),
  );
}
