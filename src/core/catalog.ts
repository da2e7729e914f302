import type { TokenUsage } from "./usage.ts";

/** Quality tiers, weakest first. */
export const QUALITIES = ["basic", "standard", "strong", "premium"] as const;

/** A model's quality tier, as its owner judges it. */
export type Quality = (typeof QUALITIES)[number];

/** What models are for. */
export const MODEL_TYPES = ["chat", "embeddings"] as const;

/** What a model is for. */
export type ModelType = (typeof MODEL_TYPES)[number];

/** The position of a tier: 0 is the weakest. */
export function rankOfQuality(quality: Quality): number {
  return QUALITIES.indexOf(quality);
}

/** Where a price comes from: the user's config, the price catalog, or a model on this machine. */
export type PriceSource = "config" | "catalog" | "local";

/** US dollars per million tokens. */
export interface PriceRates {
  readonly inputUsdPerMTok: number;
  readonly outputUsdPerMTok: number;
  /** Absent: cached input costs as much as other input. */
  readonly cacheReadUsdPerMTok?: number;
  /** Absent: cache writes cost as much as other input. */
  readonly cacheWriteUsdPerMTok?: number;
}

/** What a model's tokens cost. */
export interface Price extends PriceRates {
  readonly source: PriceSource;
  /** Rates for a whole request whose input exceeds `aboveInputTokens`, ascending. */
  readonly longContext?: readonly (PriceRates & { readonly aboveInputTokens: number })[];
}

/** One `[models.<alias>]` entry with all that is known of it. */
export interface Model {
  readonly alias: string;
  /** The id of its `[providers.<id>]` entry. */
  readonly provider: string;
  /** The name its provider knows it by. */
  readonly modelId: string;
  /** Only models for chat take part in routing. */
  readonly type: ModelType;
  readonly quality: Quality;
  /** Null: unknown, which is never zero. */
  readonly price: Price | null;
  /** Tokens of input and output together; null when unknown. */
  readonly contextWindow: number | null;
  /** Null when unknown. */
  readonly maxOutputTokens: number | null;
  readonly supportsTools: boolean;
  readonly supportsVision: boolean;
  /** Runs on this machine (or one of the user's): no cost per token. */
  readonly local: boolean;
  readonly enabled: boolean;
  /** Why it can't be used at all now, such as a missing API key; null when it can. */
  readonly unusable: string | null;
}

/** Every model by alias. */
export type Catalog = ReadonlyMap<string, Model>;

/**
 * What the tokens that a cache keeps for an hour cost, as a multiple of the input price; those that
 * it keeps for five minutes have the price of `cacheWriteUsdPerMTok`, 1.25 times as a rule:
 * https://platform.claude.com/docs/en/build-with-claude/prompt-caching#pricing
 */
const HOUR_WRITE_FACTOR = 2;

/**
 * The cost in US dollars of these tokens at this price; null when the price is unknown.
 * cost = (plain input × input + cached × cache read + written × cache write + written for an hour ×
 * 2 × input + output × output) / 10⁶.
 */
export function costOf(usage: TokenUsage, price: Price | null): number | null {
  if (price === null) return null;
  const rates = ratesFor(usage.inputTokens, price);
  const cached = Math.min(usage.cachedTokens, usage.inputTokens);
  const written = Math.min(usage.cacheWriteTokens, usage.inputTokens - cached);
  const forHour = Math.min(usage.cacheWriteHourTokens ?? 0, written);
  const plain = usage.inputTokens - cached - written;
  const usdTimesMillion = plain * rates.inputUsdPerMTok +
    cached * (rates.cacheReadUsdPerMTok ?? rates.inputUsdPerMTok) +
    (written - forHour) * (rates.cacheWriteUsdPerMTok ?? rates.inputUsdPerMTok) +
    forHour * hourWriteRate(rates) +
    usage.outputTokens * rates.outputUsdPerMTok;
  return usdTimesMillion / 1_000_000;
}

/** A model without a price for cache writes has none for longer ones either. */
function hourWriteRate(rates: PriceRates): number {
  const isPriced = rates.cacheWriteUsdPerMTok !== undefined;
  return isPriced ? HOUR_WRITE_FACTOR * rates.inputUsdPerMTok : rates.inputUsdPerMTok;
}

function ratesFor(inputTokens: number, price: Price): PriceRates {
  return price.longContext?.findLast((rates) => inputTokens > rates.aboveInputTokens) ?? price;
}
