import assert from "node:assert/strict";
import type { Model } from "../../src/core/catalog.ts";
import { parsePassageRequest, type PassageEndpoint } from "../../src/core/passage.ts";
import { choosePassage, type PassageDecision } from "../../src/core/passage_target.ts";
import type { Provider } from "../../src/core/provider.ts";
import { PASSAGE_HOSTS } from "../../src/providers/passage_request.ts";
import { buildCatalog, buildModel, buildProvider } from "../support/models.ts";

const OPENAI = buildProvider({ id: "openai", baseUrl: "https://api.openai.com" });
const CLAUDE = buildProvider({ id: "claude", kind: "anthropic" });
const LAN = buildProvider({ id: "lan" });

interface Case {
  readonly endpoint?: PassageEndpoint;
  readonly model: string;
  readonly models?: readonly Model[];
  readonly providers?: readonly Provider[];
  readonly unknownModel?: "auto" | "reject";
}

function choose(given: Case): PassageDecision {
  const { models = [], providers = [CLAUDE, OPENAI, LAN], endpoint = "completions" } = given;
  return choosePassage({ endpoint, model: given.model }, {
    catalog: buildCatalog(...models),
    providers: new Map(providers.map((each) => [each.id, each])),
    unknownModel: given.unknownModel ?? "auto",
    hosts: PASSAGE_HOSTS,
  });
}

function summarize(decision: PassageDecision): string {
  if (decision.type === "refusal") return decision.refusal.type;
  const { model: { alias, provider }, other } = decision.target;
  return `${alias} at ${provider}${other === null ? "" : `, else ${other}`}`;
}

const GPT = buildModel({ alias: "gpt", provider: "openai" });
const OPUS = buildModel({ alias: "opus", provider: "claude" });
const LOCAL = buildModel({ alias: "near", provider: "lan", local: true });
const KEYLESS = buildModel({ alias: "keyless", provider: "openai", unusable: "KEY is not set" });
const EMBED = buildModel({ alias: "embed", provider: "lan", type: "embeddings" });
const EMBED_TOO = buildModel({
  alias: "embed-too",
  provider: "openai",
  type: "embeddings",
  modelId: "embed-id", // like that of the other
});

const CASES: readonly (readonly [string, Case, string])[] = [
  ["passes over OpenAI's own host for auto", { model: "auto", models: [OPUS, GPT] }, "none"],
  ["asks OpenAI's own host by name", { model: "gpt", models: [OPUS, GPT] }, "gpt at openai"],
  ["prefers a local model for auto", {
    model: "auto",
    models: [{ ...GPT, provider: "lan" }, LOCAL],
  }, "near at lan, else gpt"],
  ["refuses a model whose provider has no completions", {
    model: "opus",
    models: [OPUS],
  }, "no_endpoint"],
  [
    "refuses an embeddings model for completions",
    { model: "embed", models: [EMBED] },
    "wrong_type",
  ],
  ["passes a name to a provider that may have it", { model: "instruct" }, "instruct at lan"],
  ["passes one of OpenAI's names to OpenAI", {
    model: "text-embedding-3-small",
    endpoint: "embeddings",
    providers: [LAN, OPENAI],
  }, "text-embedding-3-small at openai"],
  ["passes one of OpenAI's names to others where there is no OpenAI", {
    model: "text-embedding-3-small",
    endpoint: "embeddings",
    providers: [LAN],
  }, "text-embedding-3-small at lan"],
  ["passes a name to OpenAI where nobody else can be asked", {
    model: "instruct",
    providers: [CLAUDE, OPENAI],
  }, "instruct at openai"],
  ["passes over a provider whose models lack their key", {
    model: "instruct",
    models: [KEYLESS],
  }, "instruct at lan"],
  ["passes over a vendor without models and without its key", {
    model: "instruct",
    providers: [{ ...OPENAI, apiKey: null }, { ...LAN, apiKey: null }],
  }, "instruct at lan"],
  ["passes no name on where unknown ones are refused", {
    model: "instruct",
    unknownModel: "reject",
  }, "unknown"],
  ["has nobody for a name without a provider", { model: "instruct", providers: [CLAUDE] }, "none"],
  ["takes the first of two models that a provider calls alike", {
    endpoint: "embeddings",
    model: "embed-id",
    models: [EMBED_TOO, EMBED],
  }, "embed-too at openai, else embed"],
  ["takes the one that can be used of two that are called alike", {
    endpoint: "embeddings",
    model: "embed-id",
    models: [{ ...EMBED_TOO, enabled: false }, EMBED],
  }, "embed at lan"],
  ["says that a named model can't be used", {
    endpoint: "embeddings",
    model: "embed-too",
    models: [{ ...EMBED_TOO, enabled: false }, EMBED],
  }, "unusable"],
  ["never replaces one embeddings model by another", {
    endpoint: "embeddings",
    model: "text-embedding-3-small",
    models: [EMBED],
  }, "unknown"],
  ["not even by passing the name on where its own models are off", {
    endpoint: "embeddings",
    model: "text-embedding-3-small",
    models: [{ ...EMBED, enabled: false }],
  }, "unknown"],
  ["passes the name of an embeddings model on where the config has none", {
    endpoint: "embeddings",
    model: "text-embedding-3-small",
    models: [GPT],
  }, "text-embedding-3-small at openai"],
  ["knows no model by a name that objects inherit", {
    endpoint: "embeddings",
    model: "constructor",
    models: [EMBED],
  }, "unknown"],
];

for (const [name, given, expected] of CASES) {
  Deno.test(`choosePassage() ${name}`, () => {
    assert.equal(summarize(choose(given)), expected);
  });
}

Deno.test("choosePassage() shows no more than 100 characters of a client's own name", () => {
  const name = "n".repeat(300);
  const decision = choose({ model: name });
  assert.ok(decision.type === "target");
  const { alias, modelId } = decision.target.model;
  assert.deepEqual([alias.length, modelId], [100, name]);
});

const TOKENS: readonly (readonly [unknown, number])[] = [
  [[1, 2, 3], 3],
  [[[1, 2], [3]], 3],
  ["one two", 2],
  [["one two", "three"], 3],
];

for (const [input, tokens] of TOKENS) {
  Deno.test(`parsePassageRequest() counts ${tokens} tokens in ${JSON.stringify(input)}`, () => {
    const result = parsePassageRequest(JSON.parse(JSON.stringify({ input })), "embeddings");
    assert.ok(result.ok);
    assert.equal(result.value.inputTokens, tokens);
  });
}

Deno.test("parsePassageRequest() streams completions alone", () => {
  const isStreamed = (endpoint: PassageEndpoint) => {
    const body = { input: "a", prompt: "a", stream: true };
    const result = parsePassageRequest(body, endpoint);
    return result.ok && result.value.isStreamed;
  };
  assert.deepEqual([isStreamed("completions"), isStreamed("embeddings")], [true, false]);
});

Deno.test("parsePassageRequest() refuses what is no object", () => {
  for (const body of [null, [], "text", 5]) {
    assert.equal(parsePassageRequest(body, "embeddings").ok, false);
  }
});
