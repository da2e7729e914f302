/** The price catalog: what a vendor's model costs and how much it reads. No network, only its data. */

import type { ModelPrice, Provider as Vendor } from "@pydantic/genai-prices";
import type { ModelType, Price, PriceRates } from "../core/catalog.ts";
import type { Provider } from "../core/provider.ts";

/** What the catalog knows of a model; null is unknown. */
export interface ListedModel {
  readonly price: Price | null;
  readonly contextWindow: number | null;
}

/** Looks a model up by its provider and the name that its provider knows it by. */
export type PriceList = (
  provider: Pick<Provider, "id" | "baseUrl">,
  modelId: string,
  options?: { readonly type: ModelType },
) => ListedModel | null;

/** A list that knows nothing, for configs that say it all. */
export const EMPTY_PRICE_LIST: PriceList = (): null => null;

/**
 * Loads the catalog as of a day. A vendor whose price depends on the hour (DeepSeek) counts with its
 * price at noon UTC, whenever the daemon starts: the one that holds for most of the day.
 *
 * A provider counts as a vendor by its URL, else by its exact id; a server of one's own that offers
 * a model of the same name is never priced after the vendor.
 */
export async function loadPriceList(now: Date): Promise<PriceList> {
  const { calcPrice, findProvider } = await import("@pydantic/genai-prices");
  const timestamp = new Date(now);
  timestamp.setUTCHours(12, 0, 0, 0);
  const findVendor = ({ id, baseUrl }: Pick<Provider, "id" | "baseUrl">): Vendor | undefined => {
    const byUrl = findProvider({ providerApiUrl: baseUrl });
    if (byUrl !== undefined) return byUrl;
    const byId = findProvider({ providerId: id });
    return byId?.id === id ? byId : undefined;
  };
  return (provider, modelId, { type } = { type: "chat" }) => {
    const vendor = findVendor(provider);
    if (vendor === undefined) return null;
    const found = calcPrice({ "input_tokens": 1 }, modelId, { provider: vendor, timestamp });
    if (found === null) return null;
    return {
      price: readPrice(completePrice(found["model_price"], type)),
      contextWindow: found.model["context_window"] ?? null,
    };
  };
}

/** What only embeds has no output, and no rate for it. */
function completePrice(prices: ModelPrice, type: ModelType): ModelPrice {
  return type === "embeddings" ? { "output_mtok": 0, ...prices } : prices;
}

/** Reads a catalog price: US dollars per million tokens, in tiers by the input of the whole request. */
export function readPrice(prices: ModelPrice): Price | null {
  const base = readRates(prices, 0);
  if (base === null) return null;
  const longContext = listTierStarts(prices).flatMap((start) => {
    const rates = readRates(prices, start + 1);
    return rates === null ? [] : [{ ...rates, aboveInputTokens: start }];
  });
  return { source: "catalog", ...base, ...(longContext.length > 0 ? { longContext } : {}) };
}

function readRates(prices: ModelPrice, inputTokens: number): PriceRates | null {
  const input = rateAt(prices["input_mtok"], inputTokens);
  const output = rateAt(prices["output_mtok"], inputTokens);
  if (input === undefined || output === undefined) return null;
  const cacheRead = rateAt(prices["cache_read_mtok"], inputTokens);
  const cacheWrite = rateAt(prices["cache_write_mtok"], inputTokens);
  return {
    inputUsdPerMTok: input,
    outputUsdPerMTok: output,
    ...(cacheRead === undefined ? {} : { cacheReadUsdPerMTok: cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWriteUsdPerMTok: cacheWrite }),
  };
}

type ListedRate = ModelPrice[string];

function rateAt(rate: ListedRate, inputTokens: number): number | undefined {
  if (rate === undefined || typeof rate === "number") return rate;
  return sortTiers(rate).findLast((tier) => inputTokens > tier.start)?.price ?? rate.base;
}

const TOKEN_RATES = ["input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok"] as const;

function listTierStarts(prices: ModelPrice): readonly number[] {
  const starts = TOKEN_RATES.flatMap((name) => {
    const rate = prices[name];
    return typeof rate === "object" ? rate.tiers.map((tier) => tier.start) : [];
  });
  return [...new Set(starts)].sort((a, b) => a - b);
}

function sortTiers(rate: Exclude<ListedRate, number | undefined>): typeof rate.tiers {
  return rate.tiers.toSorted((a, b) => a.start - b.start);
}
