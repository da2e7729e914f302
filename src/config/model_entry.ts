/** `[models.<alias>]` -> Model. */

import type { Model } from "../core/catalog.ts";
import { type Issue, nearestName } from "../core/issue.ts";
import { findOutputLimit } from "../core/output_limits.ts";
import { mergePrice } from "./model_price.ts";
import type { PriceList } from "./prices.ts";
import type { ProviderEntry } from "./provider_entry.ts";
import { isProviderKind, type ModelTable } from "./schema.ts";
import { joinPath } from "./section.ts";

/** Where the entry stands, and what it refers to. */
export interface ModelEntryContext {
  readonly alias: string;
  /** `models.<alias>`. */
  readonly path: string;
  /** Null: the entry is there, but has errors. */
  readonly providers: ReadonlyMap<string, ProviderEntry | null>;
  readonly priceList: PriceList;
}

/** What came of one entry; null when it has errors. */
export interface ModelEntry {
  readonly model: Model | null;
  readonly issues: readonly Issue[];
}

/** Builds a model; what the entry leaves out comes from the price catalog and the output limits. */
export function buildModel(table: ModelTable, context: ModelEntryContext): ModelEntry {
  const { alias, path, providers } = context;
  const entry = providers.get(table.provider);
  if (entry === undefined) {
    return { model: null, issues: [describeUnknownProvider(table.provider, context)] };
  }
  if (entry === null || entry.provider === null) return { model: null, issues: [] };
  const listed = table.local ? null : context.priceList(entry.provider, table["model_id"]);
  const price = mergePrice(table, listed?.price ?? null, path);
  if (!price.ok) return { model: null, issues: price.issues };
  const outputLimit = table.local ? null : findOutputLimit(table["model_id"]);
  const model: Model = {
    alias,
    provider: table.provider,
    modelId: table["model_id"],
    quality: table.quality,
    price: price.value,
    contextWindow: table["context_window"] ?? listed?.contextWindow ?? null,
    maxOutputTokens: table["max_output_tokens"] ?? outputLimit,
    supportsTools: table["supports_tools"],
    supportsVision: table["supports_vision"],
    local: table.local,
    enabled: table.enabled,
    unusable: entry.unusable,
  };
  return { model, issues: [] };
}

/** Whether the price catalog can add anything to the entry. */
export function needsPriceList(table: ModelTable): boolean {
  if (table.local) return false;
  return table["input_per_m"] === undefined || table["output_per_m"] === undefined ||
    table["context_window"] === undefined;
}

function describeUnknownProvider(name: string, context: ModelEntryContext): Issue {
  const near = nearestName(name, context.providers.keys());
  const section = `[${joinPath("providers", name)}]`;
  const add = isProviderKind(name)
    ? `add a section ${section}`
    : `add a section ${section} with kind and base_url`;
  return {
    path: `${context.path}.provider`,
    message: `names ${JSON.stringify(name)}, which is not in [providers]`,
    hint: near === undefined ? add : `did you mean ${JSON.stringify(near)}?`,
  };
}
