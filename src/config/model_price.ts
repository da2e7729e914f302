/** What a model costs: the config's rates before the catalog's. */

import type { Price, PriceRates } from "../core/catalog.ts";
import { failed, type Parsed, parsed } from "../core/issue.ts";
import type { ModelTable } from "./schema.ts";

/** The price of a local model whose config names none. */
const LOCAL_PRICE: Price = { source: "local", inputUsdPerMTok: 0, outputUsdPerMTok: 0 };

/**
 * Merges the rates of the config with those of the catalog (of a local model: zero); null when
 * neither knows them.
 *
 * The config wins rate by rate. The catalog's cache rates are shares of its own input rate, so they
 * count only when the input rate is the catalog's too, and its long-context tiers only when input
 * and output rate are; beside a rate of the config's own they would price a request in two systems.
 * A cache rate that the config sets alone replaces the catalog's, in every tier.
 */
export function mergePrice(
  table: ModelTable,
  listed: Price | null,
  path: string,
): Parsed<Price | null> {
  const fallback = table.local ? LOCAL_PRICE : listed;
  const input = table["input_per_m"] ?? fallback?.inputUsdPerMTok;
  const output = table["output_per_m"] ?? fallback?.outputUsdPerMTok;
  if (input === undefined || output === undefined) return describeUnpriced(table, path);
  const isListedInput = table["input_per_m"] === undefined;
  const isListed = isListedInput && table["output_per_m"] === undefined;
  const base = isListedInput && fallback !== null ? withoutTiers(fallback) : {};
  const own = readCacheRates(table);
  const longContext = isListed ? fallback?.longContext : undefined;
  return parsed({
    ...base,
    inputUsdPerMTok: input,
    outputUsdPerMTok: output,
    ...own,
    source: isListed && fallback !== null ? fallback.source : "config",
    ...(longContext ? { longContext: longContext.map((tier) => ({ ...tier, ...own })) } : {}),
  });
}

function withoutTiers(price: Price): Omit<Price, "longContext"> {
  const { longContext: _tiers, ...rates } = price;
  return rates;
}

function readCacheRates(
  table: ModelTable,
): Pick<PriceRates, "cacheReadUsdPerMTok" | "cacheWriteUsdPerMTok"> {
  const read = table["cache_read_per_m"];
  const write = table["cache_write_per_m"];
  return {
    ...(read === undefined ? {} : { cacheReadUsdPerMTok: read }),
    ...(write === undefined ? {} : { cacheWriteUsdPerMTok: write }),
  };
}

const RATES = ["input_per_m", "output_per_m", "cache_read_per_m", "cache_write_per_m"] as const;

function describeUnpriced(table: ModelTable, path: string): Parsed<Price | null> {
  const given = RATES.find((rate) => table[rate] !== undefined);
  if (given === undefined) return parsed(null);
  const missing = (["input_per_m", "output_per_m"] as const)
    .filter((rate) => table[rate] === undefined).join(" and ");
  return failed({
    path,
    message: `has ${given} but not ${missing}, and the price catalog does not know the model`,
    hint: `add ${missing}, or remove ${given}`,
  });
}
