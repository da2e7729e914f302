import assert from "node:assert/strict";
import { isJsonObject, type JsonObject, numberAt, objectAt } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { KINDS } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { FakeAgent } from "../support/fake_agent.ts";
import { answerWith, type Piece } from "../support/fake_vendor.ts";
import type { Got } from "../support/got.ts";
import {
  AutomaticPromptCache,
  type CacheReading,
  LLAMA_RULES,
  MarkedPromptCache,
  OPENAI_RULES,
  type PromptCache,
} from "../support/prompt_cache.ts";
import { Upstream } from "../support/upstream.ts";

const PRICES = "input_per_m = 10.0\noutput_per_m = 30.0\ncache_read_per_m = 1.0\n" +
  "cache_write_per_m = 12.5\n";

const MODEL_LINES: Readonly<Record<ProviderKind, string>> = {
  openai: `${PRICES}model_id = "gpt-5.5"`,
  anthropic: `${PRICES}model_id = "claude-sonnet-4-6"`,
  ollama: `${PRICES}model_id = "qwen3:8b"`,
};

const PROVIDER_LINES: Readonly<Record<ProviderKind, string>> = {
  openai: "compat = { strict = true }",
  anthropic: "",
  ollama: "",
};

const CACHES: Readonly<Record<ProviderKind, () => PromptCache>> = {
  openai: () => new AutomaticPromptCache(OPENAI_RULES),
  anthropic: () => new MarkedPromptCache(),
  ollama: () => new AutomaticPromptCache(LLAMA_RULES),
};

/** A vendor with a cache, and pirouter before it. */
class Site implements AsyncDisposable {
  readonly readings: CacheReading[] = [];
  readonly upstream: Upstream;
  readonly #daemon: TestDaemon;
  readonly #answers: (readonly Piece[])[];

  private constructor(upstream: Upstream, daemon: TestDaemon, answers: (readonly Piece[])[]) {
    this.upstream = upstream;
    this.#daemon = daemon;
    this.#answers = answers;
  }

  static async open(kind: ProviderKind, provider = PROVIDER_LINES[kind]): Promise<Site> {
    const cache = CACHES[kind]();
    const answers: (readonly Piece[])[] = [];
    const upstream = new Upstream(kind, (exchange) => {
      const reading = cache.read(exchange.body);
      site.readings.push(reading);
      const pieces = answers.shift() ?? [{ type: "text", text: "Nothing more to do." }];
      return answerWith(exchange, pieces, { ...reading, output: 10 });
    });
    const toml = tomlFor([{ alias: "model", upstream, model: MODEL_LINES[kind], provider }]);
    const daemon = await TestDaemon.start(toml);
    const site = new Site(upstream, daemon, answers);
    return site;
  }

  get daemon(): TestDaemon {
    return this.#daemon;
  }

  /** One answer of the model's, and the tools that it calls. */
  step(agent: FakeAgent, pieces: readonly Piece[], fields: JsonObject = {}): Promise<Got> {
    this.#answers.push(pieces);
    const stream = this.readings.length % 2 === 0;
    const usage = stream ? { "stream_options": { "include_usage": true } } : {};
    return agent.step(this.#daemon, { model: "auto", stream, fields: { ...usage, ...fields } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]();
    await this.upstream[Symbol.asyncDispose]();
  }
}

const SYSTEM_PROMPT = "You are a careful agent that reads before it writes. ".repeat(400);
const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwAD" +
  "hgGAWjR9awAAAABJRU5ErkJggg==";

function startAgent(): FakeAgent {
  const agent = new FakeAgent();
  agent.messages.push({ "role": "system", "content": SYSTEM_PROMPT });
  return agent;
}

function call(id: string): Piece {
  return { type: "call", id, name: "look", city: `city of ${id}` };
}

const LOOK: readonly Piece[] = [{ type: "text", text: "Let me look." }, call("toolu_1")];
const LOOK_TWICE: readonly Piece[] = [call("toolu_2"), call("toolu_3")];
const SAY: readonly Piece[] = [{ type: "text", text: "That is what I found." }];
const LOOK_OFTEN = Array.from({ length: 15 }, (_, index) => call(`toolu_often_${index}`));
const THINK: readonly Piece[] = [
  { type: "thinking", thought: "I must look first." },
  call("toolu_4"),
];

/** What the agent does: the user's words before it, the model's answer. */
interface Act {
  readonly says?: JsonObject["content"];
  readonly answer: readonly Piece[];
}

const WORK: readonly Act[] = [
  { says: "Please do the work.", answer: LOOK },
  { answer: LOOK_TWICE },
  { answer: SAY },
  {
    says: [
      { "type": "text", "text": "And what is this?" },
      { "type": "image_url", "image_url": { "url": PIXEL } },
    ],
    answer: THINK,
  },
  { answer: LOOK_OFTEN },
  { answer: SAY },
  { says: "Thank you. One more thing.", answer: LOOK },
  { answer: SAY },
];

async function work(
  site: Site,
  agent: FakeAgent,
  fields: JsonObject = {},
): Promise<readonly Got[]> {
  const answers: Got[] = [];
  for (const { says, answer } of WORK) {
    if (says !== undefined) agent.messages.push({ "role": "user", "content": says });
    answers.push(await site.step(agent, answer, fields));
  }
  return answers;
}

/** OpenAI's cache knows prefixes in steps of 128 tokens. */
const STEP_TOKENS = 130;

/** The cache has the whole of the request before, but for what is less than a step. */
function assertHits(readings: readonly CacheReading[]): void {
  for (const [position, { cached }] of readings.entries()) {
    const before = readings[position - 1];
    if (before === undefined) continue;
    const isHit = cached >= before.input - STEP_TOKENS;
    assert.ok(isHit, `turn ${position + 1}: ${cached} of ${before.input} tokens`);
  }
}

function cachedIn(got: Got): number | undefined {
  const usage = got.bodies.map((body) => objectAt(body, "usage")).findLast(isJsonObject);
  return numberAt(objectAt(usage, "prompt_tokens_details"), "cached_tokens");
}

for (const kind of KINDS) {
  for (const effort of [{}, { "reasoning_effort": "low" }]) {
    const how = Object.keys(effort).length === 0 ? "" : " that thinks";
    timedTest(
      `an agent's conversation${how} is read from the prompt cache of ${kind} from the second turn on`,
      async () => {
        await using site = await Site.open(kind);
        await work(site, startAgent(), effort);
        assert.equal(site.readings[0]?.cached, 0);
        assertHits(site.readings);
      },
    );
  }

  timedTest(
    `a chat without tools is read from the prompt cache of ${kind} from the second turn on`,
    async () => {
      await using site = await Site.open(kind);
      const agent = startAgent();
      for (const question of ["What is this?", "And that?", "Why?", "Thank you."]) {
        agent.ask(question);
        await site.step(agent, SAY, { "tools": null });
      }
      assertHits(site.readings);
    },
  );

  timedTest(`the same conversation gives ${kind} the same bytes`, async () => {
    await using site = await Site.open(kind);
    await work(site, startAgent());
    await work(site, startAgent());
    const bodies = site.upstream.exchanges.map((exchange) => exchange.request.text);
    assert.equal(bodies.length, WORK.length * 2);
    assert.deepEqual(bodies.slice(WORK.length), bodies.slice(0, WORK.length));
  });
}

for (const kind of ["openai", "anthropic"] as const) {
  timedTest(`what ${kind} reads from its cache is told to the client and costs less`, async () => {
    await using site = await Site.open(kind);
    const answers = await work(site, startAgent());
    assert.deepEqual(answers.map(cachedIn), site.readings.map((reading) => reading.cached));
    const { attempts } = await site.daemon.ledger(WORK.length);
    for (const [position, { input, cached, written }] of site.readings.entries()) {
      const row = attempts[position];
      assert.equal(row?.["cached_tokens"], cached);
      assert.equal(row?.["cache_write_tokens"], written);
      const plain = input - cached - written;
      const usd = (plain * 10 + cached * 1 + written * 12.5 + 10 * 30) / 1e6;
      assert.ok(Math.abs(Number(row?.["cost_usd"]) - usd) < 1e-9, `${row?.["cost_usd"]} is ${usd}`);
    }
    const last = attempts.at(-1);
    const uncached = (Number(last?.["input_tokens"]) * 10 + 10 * 30) / 1e6;
    assert.ok(Number(last?.["cost_usd"]) < uncached / 5);
  });
}

timedTest("prompt_cache = false sends no marks, and nothing is read from the cache", async () => {
  await using site = await Site.open("anthropic", "prompt_cache = false");
  await work(site, startAgent());
  for (const { request } of site.upstream.exchanges) {
    assert.ok(!request.text.includes("cache_control"));
  }
  assert.deepEqual(new Set(site.readings.map((reading) => reading.cached)), new Set([0]));
});

timedTest("a client's own marks are kept, and none are added", async () => {
  await using site = await Site.open("anthropic");
  const agent = new FakeAgent();
  const mark = { "cache_control": { "type": "ephemeral", "ttl": "1h" } };
  agent.messages.push({
    "role": "system",
    "content": [{ "type": "text", "text": SYSTEM_PROMPT, ...mark }],
  });
  await work(site, agent);
  for (const { request } of site.upstream.exchanges) {
    assert.equal(request.text.split('"cache_control"').length - 1, 1);
    assert.ok(request.text.includes('"ttl":"1h"'));
  }
  const [first, ...later] = site.readings;
  assert.ok((first?.written ?? 0) > 0);
  for (const { cached } of later) assert.equal(cached, first?.written);
});
