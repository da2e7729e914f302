import assert from "node:assert/strict";
import type { Price } from "../../src/core/catalog.ts";
import { loadPriceList, readPrice } from "../../src/config/prices.ts";
import { configOf, NOW } from "./sample.ts";

async function priceOf(id: string, keys: string, provider = ""): Promise<Price | null> {
  const text = `[providers.${id}]\n${provider}\n[models.m]\nprovider = "${id}"\n${keys}\n`;
  const model = (await configOf(text)).catalog.get("m");
  assert.ok(model);
  return model.price;
}

const HAIKU = 'model_id = "claude-haiku-4-5-20251001"';
const SONNET_4_5 = 'model_id = "claude-sonnet-4-5"';

/** What the config says -> the price that comes of it. */
const CASES: Readonly<Record<string, readonly [id: string, keys: string, price: Price | null]>> = {
  "no rate takes all from the catalog": ["anthropic", HAIKU, {
    source: "catalog",
    inputUsdPerMTok: 1,
    outputUsdPerMTok: 5,
    cacheReadUsdPerMTok: 0.1,
    cacheWriteUsdPerMTok: 1.25,
  }],
  "an embeddings model has an input rate alone": [
    "openai",
    'model_id = "text-embedding-3-small"\ntype = "embeddings"',
    { source: "catalog", inputUsdPerMTok: 0.02, outputUsdPerMTok: 0 },
  ],
  "both rates take nothing from the catalog": [
    "anthropic",
    HAIKU + "\ninput_per_m = 0.8\noutput_per_m = 4",
    { source: "config", inputUsdPerMTok: 0.8, outputUsdPerMTok: 4 },
  ],
  "both rates keep the cache rates of the config": [
    "anthropic",
    HAIKU + "\ninput_per_m = 0.8\noutput_per_m = 4\ncache_read_per_m = 0.08",
    { source: "config", inputUsdPerMTok: 0.8, outputUsdPerMTok: 4, cacheReadUsdPerMTok: 0.08 },
  ],
  "an input rate alone takes the output rate, not the cache rates": [
    "anthropic",
    HAIKU + "\ninput_per_m = 0.8",
    { source: "config", inputUsdPerMTok: 0.8, outputUsdPerMTok: 5 },
  ],
  "an output rate alone takes the input and cache rates, not the tiers": [
    "anthropic",
    SONNET_4_5 + "\noutput_per_m = 4",
    {
      source: "config",
      inputUsdPerMTok: 3,
      outputUsdPerMTok: 4,
      cacheReadUsdPerMTok: 0.3,
      cacheWriteUsdPerMTok: 3.75,
    },
  ],
  "a cache rate alone replaces the catalog's in every tier": [
    "anthropic",
    SONNET_4_5 + "\ncache_read_per_m = 0.2",
    {
      source: "catalog",
      inputUsdPerMTok: 3,
      outputUsdPerMTok: 15,
      cacheReadUsdPerMTok: 0.2,
      cacheWriteUsdPerMTok: 3.75,
      longContext: [{
        aboveInputTokens: 200_000,
        inputUsdPerMTok: 6,
        outputUsdPerMTok: 22.5,
        cacheReadUsdPerMTok: 0.2,
        cacheWriteUsdPerMTok: 7.5,
      }],
    },
  ],
  "a model that the catalog does not know has no price": [
    "openai",
    'model_id = "gpt-nobody-knows"',
    null,
  ],
  "a local model costs nothing": [
    "ollama",
    'model_id = "qwen3:8b"\nlocal = true',
    { source: "local", inputUsdPerMTok: 0, outputUsdPerMTok: 0 },
  ],
  "a local model costs what the config says": [
    "ollama",
    'model_id = "qwen3:8b"\nlocal = true\noutput_per_m = 0.5',
    { source: "config", inputUsdPerMTok: 0, outputUsdPerMTok: 0.5 },
  ],
  "a model on Ollama that is not called local has no price": [
    "ollama",
    'model_id = "qwen3:8b"',
    null,
  ],
};

for (const [name, [id, keys, price]] of Object.entries(CASES)) {
  Deno.test(`${name}`, async () => assert.deepEqual(await priceOf(id, keys), price));
}

/** Provider, its keys, model -> the input rate, null where no vendor may be guessed. */
const VENDORS: readonly (readonly [string, string, string, number | null])[] = [
  ["openai", 'base_url = "http://127.0.0.1:9"', "gpt-4o-mini", 0.15],
  ["mine", 'kind = "openai"\nbase_url = "https://api.openai.com/v1"', "gpt-4o-mini", 0.15],
  ["mine", 'kind = "openai"\nbase_url = "http://127.0.0.1:9"', "gpt-4o-mini", null],
  ["openai-proxy", 'kind = "openai"\nbase_url = "https://llm.corp.example"', "gpt-4o-mini", null],
  ["or", 'kind = "openai"\nbase_url = "https://openrouter.ai/api/v1"', "openai/gpt-4o-mini", 0.15],
  ["groq", 'kind = "openai"\nbase_url = "http://127.0.0.1:9"', "llama-3.3-70b-versatile", 0.59],
];

for (const [id, provider, modelId, rate] of VENDORS) {
  const label = `${modelId} of ${id} (${provider.replaceAll("\n", ", ")})`;
  Deno.test(`${label} ${rate === null ? "has no price" : "is in the catalog"}`, async () => {
    const price = await priceOf(id, `model_id = "${modelId}"`, provider);
    assert.equal(price?.inputUsdPerMTok ?? null, rate);
  });
}

Deno.test("loadPriceList() knows context windows", async () => {
  const list = await loadPriceList(NOW);
  const openai = { id: "openai", baseUrl: "https://api.openai.com" };
  assert.equal(list(openai, "gpt-5.4-mini")?.contextWindow, 400_000);
  assert.equal(list(openai, "gpt-nobody-knows"), null);
});

Deno.test("loadPriceList() gives one price for a day, whatever its hour", async () => {
  const deepseek = { id: "deepseek", baseUrl: "https://api.deepseek.com" };
  const hours = ["00:10", "02:00", "08:00", "13:00", "23:50"];
  const prices = await Promise.all(hours.map(async (hour) => {
    const list = await loadPriceList(new Date(`2026-11-25T${hour}:00Z`));
    return list(deepseek, "deepseek-v4-pro")?.price?.inputUsdPerMTok;
  }));
  assert.deepEqual(prices, Array(hours.length).fill(0.66));
});

Deno.test("readPrice() joins the tiers of all rates", () => {
  const tier = (base: number, ...tiers: { start: number; price: number }[]) => ({ base, tiers });
  assert.deepEqual(
    readPrice({
      "input_mtok": tier(1, { start: 300, price: 3 }, { start: 100, price: 2 }),
      "output_mtok": tier(5, { start: 200, price: 9 }),
      "cache_read_mtok": 0.1,
      "web_searches_kcount": 10,
    }),
    {
      source: "catalog",
      inputUsdPerMTok: 1,
      outputUsdPerMTok: 5,
      cacheReadUsdPerMTok: 0.1,
      longContext: [
        {
          aboveInputTokens: 100,
          inputUsdPerMTok: 2,
          outputUsdPerMTok: 5,
          cacheReadUsdPerMTok: 0.1,
        },
        {
          aboveInputTokens: 200,
          inputUsdPerMTok: 2,
          outputUsdPerMTok: 9,
          cacheReadUsdPerMTok: 0.1,
        },
        {
          aboveInputTokens: 300,
          inputUsdPerMTok: 3,
          outputUsdPerMTok: 9,
          cacheReadUsdPerMTok: 0.1,
        },
      ],
    },
  );
});

Deno.test("readPrice() knows no price without an output rate", () => {
  assert.equal(readPrice({ "input_mtok": 1 }), null);
});
