import assert from "node:assert/strict";
import type { Model } from "../../src/core/catalog.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { findFirstTokenLimitMs } from "../../src/engine/first_token.ts";
import { LoadedModels } from "../../src/engine/loaded_models.ts";
import { Pace } from "../../src/engine/pace.ts";
import { Refusals } from "../../src/engine/refusals.ts";
import { RememberedReply } from "../../src/engine/remembered_reply.ts";
import { Slots } from "../../src/engine/slots.ts";
import { Traffic } from "../../src/engine/traffic.ts";
import { Windows } from "../../src/engine/windows.ts";
import { ADAPTERS } from "../../src/providers/mod.ts";
import { timedTest } from "../support/deadline.ts";
import { buildModel, buildProvider, buildRequest } from "../support/models.ts";

const DEFAULT_MS = 600_000;
const LEARNED_MS = 400_000;

/** A pace that allows `LEARNED_MS`, unless it is quicker. */
function quickPace(model: Model, ttftMs: number = LEARNED_MS / 20): Pace {
  const { provider, modelId } = model;
  const time = { provider, modelId, ttftMs, inputTokens: 100 };
  return new Pace(Array.from({ length: 16 }, () => time));
}

interface Setting {
  readonly kind: ProviderKind;
  readonly model?: Partial<Model>;
  readonly isFixed?: boolean;
  /** The reply to the question which models are loaded. */
  readonly loaded?: () => Response | Promise<Response>;
  readonly effort?: string;
  /** Requests in flight, this one included. */
  readonly inFlight?: number;
  readonly pace?: (model: Model) => Pace;
}

interface Found {
  readonly limitMs: number;
  /** The paths that were asked. */
  readonly paths: readonly string[];
}

async function find(setting: Setting): Promise<Found> {
  const paths: string[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      paths.push(new URL(request.url).pathname);
      return setting.loaded?.() ?? new Response("{}", { status: 404 });
    },
  );
  using client = Deno.createHttpClient({});
  const provider = buildProvider({
    id: "home",
    kind: setting.kind,
    baseUrl: `http://127.0.0.1:${server.addr.port}`,
    firstTokenTimeoutMs: DEFAULT_MS,
    isFirstTokenFixed: setting.isFixed ?? false,
  });
  const model = buildModel({ alias: "m", provider: "home", modelId: "llama3.2", ...setting.model });
  const { loadedModels: query } = ADAPTERS[setting.kind];
  const loaded = query === undefined ? null : new LoadedModels({ provider, query, client });
  const slots = new Slots(null);
  const { signal } = new AbortController();
  for (let count = 0; count < (setting.inFlight ?? 1); count++) await slots.take(signal);
  const limitMs = await findFirstTokenLimitMs({
    adapter: ADAPTERS[setting.kind],
    provider,
    link: {
      client,
      slots,
      refusals: new Refusals(),
      traffic: new Traffic(),
      windows: new Windows(),
      identity: new RememberedReply(),
      loaded,
    },
    pace: setting.pace?.(model) ?? quickPace(model),
    context: { model, request: buildRequest("hi", { "reasoning_effort": setting.effort }) },
    inputTokens: 100,
    signal,
  });
  await loaded?.close();
  return { limitMs, paths };
}

const replyOf = (...models: readonly string[]) => () =>
  Response.json({ "models": models.map((model) => ({ "name": model, "model": model })) });

interface Case extends Setting {
  readonly name: string;
  readonly expectedMs: number;
  readonly isAsked?: boolean;
}

const CASES: readonly Case[] = [
  { name: "is what a cloud model has shown", kind: "openai", expectedMs: LEARNED_MS },
  {
    name: "is what a loaded local model has shown",
    kind: "ollama",
    loaded: replyOf("other:7b", "llama3.2:latest"),
    expectedMs: LEARNED_MS,
    isAsked: true,
  },
  {
    name: "is the whole limit for a local model that must be loaded first",
    kind: "ollama",
    loaded: replyOf("llama3.2:1b"),
    expectedMs: DEFAULT_MS,
    isAsked: true,
  },
  {
    name: "knows a model by its name with a tag",
    kind: "ollama",
    model: { modelId: "hf.co:8443/llama3.2" },
    loaded: replyOf("hf.co:8443/llama3.2:latest"),
    expectedMs: LEARNED_MS,
    isAsked: true,
  },
  {
    name: "is the whole limit where the server does not say what is loaded",
    kind: "ollama",
    expectedMs: DEFAULT_MS,
    isAsked: true,
  },
  {
    name: "is the whole limit where the server says nonsense",
    kind: "ollama",
    loaded: () => new Response("<html>"),
    expectedMs: DEFAULT_MS,
    isAsked: true,
  },
  {
    name: "is the whole limit, after half a second, where the server says nothing",
    kind: "ollama",
    loaded: () => new Promise((resolve) => setTimeout(() => resolve(new Response("{}")), 800)),
    expectedMs: DEFAULT_MS,
    isAsked: true,
  },
  {
    name: "asks nothing where a model has answered a moment ago",
    kind: "ollama",
    pace: (model) => {
      const pace = quickPace(model);
      pace.note(model, { ttftMs: 50, inputTokens: 100 });
      return pace;
    },
    expectedMs: LEARNED_MS,
  },
  {
    name: "asks again where another model has answered since",
    kind: "ollama",
    pace: (model) => {
      const pace = quickPace(model);
      pace.note(model, { ttftMs: 50, inputTokens: 100 });
      pace.note({ ...model, modelId: "other:7b" }, { ttftMs: 50, inputTokens: 100 });
      return pace;
    },
    loaded: replyOf("other:7b"),
    expectedMs: DEFAULT_MS,
    isAsked: true,
  },
  {
    name: "asks nothing where nothing is known",
    kind: "ollama",
    pace: () => new Pace(),
    expectedMs: DEFAULT_MS,
  },
  {
    name: "is the user's own number where there is one",
    kind: "openai",
    isFixed: true,
    expectedMs: DEFAULT_MS,
  },
  {
    name: "is the whole limit for a local model that serves somebody else",
    kind: "openai",
    model: { local: true },
    inFlight: 2,
    expectedMs: DEFAULT_MS,
  },
  {
    name: "is five minutes at least where models are loaded on demand",
    kind: "ollama",
    loaded: replyOf("llama3.2"),
    pace: (model) => quickPace(model, 1_000),
    expectedMs: 305_000,
    isAsked: true,
  },
  {
    name: "is three minutes at least in the cloud",
    kind: "anthropic",
    pace: (model) => quickPace(model, 1_000),
    expectedMs: 180_000,
  },
  {
    name: "is the whole limit for a model that is to think hard",
    kind: "openai",
    effort: "high",
    expectedMs: DEFAULT_MS,
  },
  {
    name: "is what a model has shown when it is not to think hard",
    kind: "openai",
    effort: "minimal",
    expectedMs: LEARNED_MS,
  },
  {
    name: "forgets a pace that was not kept",
    kind: "openai",
    pace: (model) => {
      const pace = quickPace(model);
      pace.forget(model);
      return pace;
    },
    expectedMs: DEFAULT_MS,
  },
];

for (const { name, expectedMs, isAsked = false, ...setting } of CASES) {
  timedTest(`the limit of the first token ${name} (${setting.kind})`, async () => {
    const { limitMs, paths } = await find(setting);
    assert.equal(limitMs, expectedMs);
    assert.deepEqual(paths, isAsked ? ["/api/ps"] : []);
  });
}
