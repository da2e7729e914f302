import assert from "node:assert/strict";
import type { Model } from "../../src/core/catalog.ts";
import { mergeStocks, needsSurvey, type ServedStock } from "../../src/engine/served_models.ts";
import type { ServedModel } from "../../src/providers/adapter.ts";
import { modelList } from "../../src/providers/ollama_list.ts";
import { buildCatalog, buildModel } from "../support/models.ts";
import { PROVIDER } from "../support/ollama_case.ts";

function serve(name: string, more: Partial<ServedModel> = {}): ServedModel {
  return {
    name,
    contextWindow: 32_768,
    supportsTools: true,
    supportsVision: false,
    isEmbedding: false,
    parameterCount: 8e9,
    isHosted: false,
    ...more,
  };
}

function stockOf(models: readonly ServedModel[], discover = true): ServedStock {
  const provider = { ...PROVIDER, discover };
  return { provider, query: modelList, names: models.map(({ name }) => name), models };
}

function local(alias: string, more: Partial<Model> = {}): Model {
  return buildModel({ alias, provider: "ollama", modelId: alias, ...more });
}

Deno.test("mergeStocks() adds what a server has, under its own name", () => {
  const stock = stockOf([serve("qwen3:8b", { supportsVision: true })]);
  const { catalog, discovered, warnings } = mergeStocks(new Map(), [stock]);
  assert.deepEqual(catalog.get("qwen3:8b"), {
    alias: "qwen3:8b",
    provider: "ollama",
    modelId: "qwen3:8b",
    type: "chat",
    quality: "basic",
    price: { source: "local", inputUsdPerMTok: 0, outputUsdPerMTok: 0 },
    contextWindow: 32_768,
    maxOutputTokens: null,
    supportsTools: true,
    supportsVision: true,
    local: true,
    enabled: true,
    unusable: null,
  });
  assert.deepEqual([...discovered], [["ollama", ["qwen3:8b"]]]);
  assert.deepEqual(warnings, []);
});

const TIERS: readonly (readonly [number | null, Model["quality"]])[] = [
  [1e9, "basic"],
  [8.2e9, "basic"],
  [12e9, "standard"],
  [32e9, "standard"],
  [60e9, "strong"],
  [405e9, "strong"],
  [null, "standard"],
];

for (const [parameterCount, quality] of TIERS) {
  Deno.test(`mergeStocks() takes ${parameterCount} parameters for ${quality}`, () => {
    const { catalog } = mergeStocks(new Map(), [stockOf([serve("m", { parameterCount })])]);
    assert.equal(catalog.get("m")?.quality, quality);
  });
}

Deno.test("mergeStocks() makes no chat model of one that embeds, and no local one of the cloud's", () => {
  const models = [serve("e", { isEmbedding: true }), serve("c", { isHosted: true })];
  const { catalog } = mergeStocks(new Map(), [stockOf(models)]);
  assert.equal(catalog.get("e")?.type, "embeddings");
  assert.equal(catalog.get("c")?.local, false);
  assert.equal(catalog.get("c")?.price, null, "what the cloud asks for it is unknown");
});

Deno.test("mergeStocks() adds no model that the config names, by whatever alias", () => {
  const configured = buildCatalog(
    local("small", { modelId: "llama3.2" }),
    local("off", { modelId: "phi4", enabled: false }),
  );
  const models = [serve("llama3.2:latest"), serve("phi4:latest")];
  const { catalog } = mergeStocks(configured, [stockOf(models)]);
  assert.deepEqual([...catalog.keys()], ["small", "off"]);
});

Deno.test("mergeStocks() keeps an alias of the config, and one that means something else", () => {
  const configured = buildCatalog(buildModel({ alias: "gpt-oss:20b", provider: "cloud" }));
  const models = [serve("gpt-oss:20b"), serve("auto"), serve("a")];
  const { catalog, discovered } = mergeStocks(configured, [stockOf(models)]);
  assert.equal(catalog.get("gpt-oss:20b")?.provider, "cloud");
  assert.equal(catalog.get("ollama/gpt-oss:20b")?.modelId, "gpt-oss:20b");
  assert.deepEqual(discovered.get("ollama"), ["a", "ollama/auto", "ollama/gpt-oss:20b"]);
});

Deno.test("mergeStocks() adds a model once, under whatever names a server lists it", () => {
  const models = [serve("dup:latest"), serve("DUP:latest"), serve("dup")];
  const { catalog, warnings } = mergeStocks(new Map(), [stockOf(models)]);
  assert.deepEqual([...catalog.keys()], ["DUP:latest"]);
  assert.deepEqual(warnings, []);
});

Deno.test("mergeStocks() warns of a model whose name can't be an alias", () => {
  const models = [serve("modèle:7b"), serve("m\nn"), serve("a")];
  const { catalog, warnings } = mergeStocks(new Map(), [stockOf(models)]);
  assert.deepEqual([...catalog.keys()], ["a"]);
  assert.deepEqual(
    warnings,
    ["m\nn", "modèle:7b"].map((name) =>
      `provider "ollama" has a model ${JSON.stringify(name)} whose name can't be an alias, with ` +
      '"ollama/" in front neither; to use it, add [models.<alias>] with that model_id'
    ),
  );
});

Deno.test("mergeStocks() adds nothing where models are not to be discovered", () => {
  const { catalog } = mergeStocks(buildCatalog(local("a")), [
    stockOf([serve("a"), serve("b")], false),
  ]);
  assert.deepEqual([...catalog.keys()], ["a"]);
});

interface WindowCase {
  readonly name: string;
  readonly configured: number | null;
  readonly served: number | null;
  readonly window: number | null;
  readonly warning?: RegExp;
}

const WINDOWS: readonly WindowCase[] = [
  { name: "fills in a window", configured: null, served: 32_768, window: 32_768 },
  { name: "keeps a smaller one of the config", configured: 8_192, served: 32_768, window: 8_192 },
  {
    name: "keeps one that the server does not know",
    configured: 8_192,
    served: null,
    window: 8_192,
  },
  {
    name: "keeps one that the server has, too, without a word",
    configured: 32_768,
    served: 32_768,
    window: 32_768,
  },
  { name: "leaves open what nobody knows", configured: null, served: null, window: null },
  {
    name: "lowers one that is larger than the model's own",
    configured: 131_072,
    served: 32_768,
    window: 32_768,
    warning: /^models\.a\.context_window is 131072, but "a" takes no more than 32768 tokens/,
  },
];

for (const { name, configured, served, window, warning } of WINDOWS) {
  Deno.test(`mergeStocks() ${name}`, () => {
    const models = buildCatalog(local("a", { contextWindow: configured }));
    const stock = stockOf([serve("a:latest", { contextWindow: served })], false);
    const merged = mergeStocks(models, [stock]);
    assert.equal(merged.catalog.get("a")?.contextWindow, window);
    assert.match(merged.warnings.join("\n"), warning ?? /^$/);
  });
}

Deno.test("mergeStocks() says how to get a model that the server does not have", () => {
  const { catalog, warnings } = mergeStocks(buildCatalog(local("qwen3:8b")), [stockOf([])]);
  assert.deepEqual(warnings, [
    'provider "ollama" has no model "qwen3:8b" (alias "qwen3:8b"); get it with: ollama pull qwen3:8b',
  ]);
  assert.ok(catalog.has("qwen3:8b"), "it may come");
});

const NEEDS: readonly (readonly [string, boolean, Partial<Model>, boolean])[] = [
  ["a window is unknown", false, { contextWindow: null }, true],
  ["all windows are known", false, {}, false],
  ["models are to be discovered", true, {}, true],
  ["the window of a disabled model is unknown", false, {
    contextWindow: null,
    enabled: false,
  }, false],
  ["the window of a model without its key is unknown", false, {
    contextWindow: null,
    unusable: "no key",
  }, false],
];

for (const [name, discover, model, isNeeded] of NEEDS) {
  Deno.test(`a server is ${isNeeded ? "asked" : "left alone"} where ${name}`, () => {
    const configured = buildCatalog(local("a", model));
    assert.equal(needsSurvey({ ...PROVIDER, discover }, configured), isNeeded);
  });
}

Deno.test("mergeStocks() puts the larger of several models first, since the order decides between equals", () => {
  const models = [
    serve("a:3b", { parameterCount: 3e9 }),
    serve("b:8b"),
    serve("c", { parameterCount: null }),
  ];
  const { catalog } = mergeStocks(new Map(), [stockOf(models)]);
  assert.deepEqual([...catalog.keys()], ["b:8b", "a:3b", "c"]);
});
