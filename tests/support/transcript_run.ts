/** Plays the transcript through the daemon: over sockets, with vendors that have a prompt cache each. */

import { parseConfig } from "../../src/config/load.ts";
import { type Replay, replayRequests } from "../../src/core/replay.ts";
import { readPastRequests } from "../../src/ledger/past_requests.ts";
import assert from "node:assert/strict";
import { type DifficultyTier, isDifficultyTier } from "../../src/core/difficulty_tier.ts";
import type { Quality } from "../../src/core/catalog.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { type Row, TestDaemon, tomlFor } from "./daemon.ts";
import { FakeAgent } from "./fake_agent.ts";
import {
  AutomaticPromptCache,
  type CacheReading,
  LLAMA_RULES,
  MarkedPromptCache,
  OPENAI_RULES,
  type PromptCache,
} from "./prompt_cache.ts";
import type { Housekeeping, Transcript, TranscriptTurn } from "./transcript.ts";
import { Upstream } from "./upstream.ts";
import type { ScriptedAnswer } from "./upstream_wire.ts";

/** A model of the transcript's world. */
export interface WorldModel {
  readonly kind: ProviderKind;
  readonly quality: Quality;
  /** More lines of its `[models.<alias>]`. */
  readonly lines: string;
  readonly openCache: () => PromptCache;
}

function prices(input: number, output: number, more = ""): string {
  return `input_per_m = ${input.toFixed(2)}\noutput_per_m = ${output.toFixed(2)}\n${more}`;
}

const WORLD = {
  local: {
    kind: "ollama",
    quality: "basic",
    lines: `${prices(0, 0)}local = true\nmodel_id = "qwen3:8b"\ncontext_window = 131072`,
    openCache: () => new AutomaticPromptCache(LLAMA_RULES),
  },
  mini: {
    kind: "openai",
    quality: "standard",
    lines: `${prices(0.25, 2, "cache_read_per_m = 0.025")}\nmodel_id = "gpt-5-mini"`,
    openCache: () => new AutomaticPromptCache(OPENAI_RULES),
  },
  sonnet: {
    kind: "anthropic",
    quality: "strong",
    lines: prices(3, 15, "cache_read_per_m = 0.3\ncache_write_per_m = 3.75\n") +
      'model_id = "claude-sonnet-4-6"',
    openCache: () => new MarkedPromptCache(),
  },
  opus: {
    kind: "anthropic",
    quality: "premium",
    lines: prices(5, 25, "cache_read_per_m = 0.5\ncache_write_per_m = 6.25\n") +
      'model_id = "claude-opus-4-6"',
    openCache: () => new MarkedPromptCache(),
  },
} as const satisfies Readonly<Record<string, WorldModel>>;

/** The name of a model of that world. */
export type WorldAlias = keyof typeof WORLD;

/** The models that the transcript can be played with, weakest first. */
export const WORLD_MODELS: Readonly<Record<WorldAlias, WorldModel>> = WORLD;

/** All of their names, weakest first. */
export const WORLD_ALIASES: readonly WorldAlias[] = ["local", "mini", "sonnet", "opus"];

/** Whom the agent asks for, and who is there. */
export interface Route {
  /** What the requests name: `auto`, a profile or an alias. */
  readonly model: string;
  readonly aliases: readonly WorldAlias[];
}

/** One request, as the ledger has it and as the vendor's cache saw it. */
export interface Answered {
  readonly alias: WorldAlias;
  /** By the ledger. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  readonly difficulty: DifficultyTier;
  readonly score: number;
  /** Why this model, in the ledger's words. */
  readonly reasons: readonly string[];
  /** What the vendor's cache had, whether or not the vendor tells. */
  readonly reading: CacheReading;
}

/** One turn of the conversation. */
export interface PlayedTurn extends Answered {
  readonly turn: TranscriptTurn;
}

/** A transcript that was played. */
export interface Played {
  readonly route: Route;
  readonly turns: readonly PlayedTurn[];
  /** The housekeeping beside the conversation. */
  readonly beside: readonly Answered[];
  /** What the same configuration makes of the ledger afterwards. */
  readonly replay: Replay;
}

/** Plays the whole transcript along one route: with a daemon and vendors of its own, whose caches are empty. */
export async function playTranscript(transcript: Transcript, route: Route): Promise<Played> {
  await using site = await Site.open(route);
  const results: string[] = [];
  const agent = new FakeAgent("plain", () => results.shift() ?? "");
  agent.messages.push({ "role": "system", "content": transcript.system });
  const places: (TranscriptTurn | null)[] = [];
  for (const turn of transcript.turns) {
    for (const beside of turn.beside) {
      places.push(null);
      await site.askBeside(beside);
    }
    if (turn.isAsked) agent.ask(turn.ask.text);
    results.push(...turn.calls.map(({ result }) => result));
    places.push(turn);
    const { says, calls } = turn;
    const answer = { text: [says], ...(calls.length === 0 ? {} : { calls }) };
    await site.step(agent, { answer, tools: transcript.tools });
  }
  const answered = await site.readAnswers(places.length);
  const turns = places.flatMap((turn, index) => {
    const own = answered[index];
    return turn === null || own === undefined ? [] : [{ turn, ...own }];
  });
  const beside = answered.filter((_, index) => places[index] === null);
  return { route, turns, beside, replay: await site.replay() };
}

/** The vendors, and pirouter before them. */
class Site implements AsyncDisposable {
  readonly #route: Route;
  readonly #vendors: Vendors;
  readonly #toml: string;
  readonly #daemon: TestDaemon;
  #count = 0;

  private constructor(
    route: Route,
    vendors: Vendors,
    { toml, daemon }: { readonly toml: string; readonly daemon: TestDaemon },
  ) {
    this.#route = route;
    this.#vendors = vendors;
    this.#toml = toml;
    this.#daemon = daemon;
  }

  static async open(route: Route): Promise<Site> {
    const vendors = new Vendors(route.aliases);
    const models = vendors.list().map(([alias, upstream]) => {
      const { quality, lines } = WORLD_MODELS[alias];
      return { alias, upstream, model: `quality = "${quality}"\n${lines}` };
    });
    const toml = tomlFor(models, { rules: "" });
    return new Site(route, vendors, { toml, daemon: await TestDaemon.start(toml) });
  }

  /** A request beside the conversation, with a conversation of its own. */
  async askBeside({ system, text, says }: Housekeeping): Promise<void> {
    const agent = new FakeAgent();
    agent.messages.push({ "role": "system", "content": system });
    agent.ask(text);
    await this.step(agent, { answer: { text: [says] }, tools: null });
  }

  /**
   * One request, answered as scripted. Answers come whole: by how quick streams begin, pirouter would
   * learn that a local model reads all at once, as no real one does.
   */
  async step(
    agent: FakeAgent,
    { answer, tools }: {
      readonly answer: ScriptedAnswer;
      readonly tools: Transcript["tools"] | null;
    },
  ): Promise<void> {
    this.#vendors.answer = answer;
    const fields = { "tools": tools === null ? null : [...tools] };
    await agent.step(this.#daemon, { model: this.#route.model, stream: false, fields });
    // Who answers next must not depend on whether this request has ended in time.
    await this.#daemon.entries(++this.#count);
  }

  async readAnswers(count: number): Promise<readonly Answered[]> {
    const { requests, attempts } = await this.#daemon.ledger(count);
    assert.equal(attempts.length, count, "every answer was the first one's");
    const { readings } = this.#vendors;
    return requests.map((row, index) => {
      const reading = readings[index];
      if (reading === undefined) throw new Error(`no vendor saw request ${index + 1}`);
      return { ...readRow(row, attempts[index] ?? {}), reading };
    });
  }

  /** Decides the ledger's requests again by the daemon's own configuration. */
  async replay(): Promise<Replay> {
    const options = { file: "config.toml", env: () => undefined, now: new Date() };
    const parsed = await parseConfig(this.#toml, options);
    assert.ok(parsed.ok);
    const { config: { cascade, ...table } } = parsed;
    const reading = readPastRequests(this.#daemon.ledgerPath, {
      sinceMs: 0,
      take: (requests) => replayRequests(requests, { table, cascade, priorScores: [] }),
    });
    assert.ok(reading.ok);
    return reading.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]();
    await this.#vendors[Symbol.asyncDispose]();
  }
}

function readRow(request: Row, attempt: Row): Omit<Answered, "reading"> {
  const alias = WORLD_ALIASES.find((name) => name === request["final_model"]);
  const difficulty = String(request["difficulty"]);
  const costUsd = request["cost_usd"];
  assert.ok(alias !== undefined && isDifficultyTier(difficulty) && typeof costUsd === "number");
  const explanation: { readonly reasons?: readonly string[] } = JSON.parse(
    String(request["explanation"] ?? "{}"),
  );
  return {
    alias,
    inputTokens: Number(attempt["input_tokens"]),
    cachedTokens: Number(attempt["cached_tokens"]),
    outputTokens: Number(attempt["output_tokens"]),
    costUsd,
    difficulty,
    score: Number(request["difficulty_score"]),
    reasons: explanation.reasons ?? [],
  };
}

const CHARS_PER_TOKEN = 4;

/** A vendor for each model; all give the answer that is due. */
class Vendors implements AsyncDisposable {
  /** What is answered next. */
  answer: ScriptedAnswer = {};
  /** What their caches had, request by request. */
  readonly readings: CacheReading[] = [];
  readonly #upstreams = new Map<WorldAlias, Upstream>();

  constructor(aliases: readonly WorldAlias[]) {
    for (const alias of aliases) this.#upstreams.set(alias, this.#open(alias));
  }

  list(): readonly (readonly [WorldAlias, Upstream])[] {
    return [...this.#upstreams];
  }

  #open(alias: WorldAlias): Upstream {
    const { kind, openCache } = WORLD_MODELS[alias];
    const cache = openCache();
    const upstream = new Upstream(kind, (exchange) => {
      const reading = cache.read(exchange.body);
      this.readings.push(reading);
      const { answer } = this;
      return exchange.answer({ ...answer, usage: { ...reading, output: tokensOf(answer) } });
    });
    if (kind === "ollama") upstream.loadedModels.push("qwen3:8b");
    return upstream;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const upstream of this.#upstreams.values()) await upstream[Symbol.asyncDispose]();
  }
}

function tokensOf({ text = [], calls = [] }: ScriptedAnswer): number {
  const chars = [...text, ...calls.map((call) => call.name + call.arguments)].join("").length;
  return Math.ceil(chars / CHARS_PER_TOKEN);
}
