/** `[models.<alias>]` -> Model. */

import type { Model } from "../core/catalog.ts";
import { failed, type Issue, nearestName, type Parsed, parsed } from "../core/issue.ts";
import { findOutputLimit } from "../core/output_limits.ts";
import type { Provider } from "../core/provider.ts";
import { mergePrice } from "./model_price.ts";
import { checkAlias } from "./name.ts";
import type { PriceList } from "./prices.ts";
import type { ProviderEntry } from "./provider_entry.ts";
import { isProviderKind, type ModelTable } from "./schema.ts";
import { joinPath, type Section } from "./section.ts";

/** Where the entry stands, and what it refers to. */
export interface ModelEntryContext {
  readonly alias: string;
  /** `models.<alias>`. */
  readonly path: string;
  readonly providers: ReadonlyMap<string, ProviderEntry>;
  /** Whether a provider that is not among them does not exist. */
  readonly hasAllProviders: boolean;
  readonly priceList: PriceList;
}

/** What came of one entry; null when it has errors. */
export interface ModelEntry {
  readonly model: Model | null;
  readonly issues: readonly Issue[];
}

/** Builds a model; what the entry leaves out comes from the price catalog and the output limits. */
export function buildModel(
  section: Section<ModelTable>,
  context: ModelEntryContext,
): ModelEntry {
  const { provider: id, "model_id": modelId } = section.table;
  const entry = id === undefined ? undefined : context.providers.get(id);
  const issues = [
    ...checkAlias(context.alias, context.path),
    ...section.issues,
    ...(entry === undefined ? checkProvider(section, context) : []),
    ...(modelId === undefined ? describeMissing("model_id", section, context) : []),
  ];
  if (id === undefined || modelId === undefined || !entry?.provider) return { model: null, issues };
  const { provider, unusable } = entry;
  const priced = priceModel(section, { ...context, provider, modelId });
  if (!priced.ok || issues.length > 0) {
    return { model: null, issues: [...issues, ...(priced.ok ? [] : priced.issues)] };
  }
  const { alias } = context;
  const names = { alias, provider: id, modelId };
  const model = { ...names, ...priced.value, ...readTraits(section.table), unusable };
  return { model, issues: checkType(model, { provider, path: context.path }) };
}

/** Names of models that embed, and do not chat. */
const EMBEDDING_NAME =
  /(?:^|[-/])(?:embed(?:ding)?s?\d*|embeddinggemma|bge|e5|minilm|gte)(?:[-:]|$)/i;

function checkType(
  { type, modelId, enabled }: Model,
  at: { readonly provider: Provider; readonly path: string },
): readonly Issue[] {
  if (!enabled) return [];
  const path = `${at.path}.type`;
  if (type === "embeddings" && at.provider.kind === "anthropic") {
    const message = 'is "embeddings", which servers of the dialect "anthropic" don\'t have';
    return [{ path, message, hint: "choose another provider", severity: "warning" }];
  }
  if (type === "embeddings" || !EMBEDDING_NAME.test(modelId)) return [];
  const message = `is "chat", but ${JSON.stringify(modelId)} seems to be an embeddings model`;
  return [{ path, message, hint: 'set type = "embeddings"', severity: "warning" }];
}

type PricedTraits = Pick<Model, "price" | "contextWindow" | "maxOutputTokens">;

function priceModel(
  section: Section<ModelTable>,
  context: ModelEntryContext & { readonly provider: Provider; readonly modelId: string },
): Parsed<PricedTraits> {
  const { table, faulty } = section;
  const { provider, modelId, path } = context;
  const listed = table.local ? null : context.priceList(provider, modelId, { type: table.type });
  const price = mergePrice(table, listed?.price ?? null, path);
  // With one of these in doubt, so is what the others lack.
  if (!price.ok) return PRICE_KEYS.some((key) => faulty.has(key)) ? failed() : price;
  const outputLimit = table.local ? null : findOutputLimit(modelId);
  return parsed({
    price: price.value,
    contextWindow: table["context_window"] ?? listed?.contextWindow ?? null,
    maxOutputTokens: table["max_output_tokens"] ?? outputLimit,
  });
}

const PRICE_KEYS = [
  "local",
  "input_per_m",
  "output_per_m",
  "cache_read_per_m",
  "cache_write_per_m",
] as const;

type OwnTraits = Pick<
  Model,
  "type" | "quality" | "supportsTools" | "supportsVision" | "local" | "enabled"
>;

function readTraits(table: ModelTable): OwnTraits {
  return {
    type: table.type,
    quality: table.quality,
    supportsTools: table["supports_tools"],
    supportsVision: table["supports_vision"],
    local: table.local,
    enabled: table.enabled,
  };
}

/** Whether the price catalog can add anything to the entry. */
export function needsPriceList(table: ModelTable): boolean {
  if (table.local) return false;
  return table["input_per_m"] === undefined || table["output_per_m"] === undefined ||
    table["context_window"] === undefined;
}

function checkProvider(
  section: Section<ModelTable>,
  context: ModelEntryContext,
): readonly Issue[] {
  const name = section.table.provider;
  if (name === undefined) return describeMissing("provider", section, context);
  return context.hasAllProviders ? [describeUnknownProvider(name, context)] : [];
}

/** What stands for the value of a key that is missing. */
const EXAMPLES = { "provider": "<id of a provider>", "model_id": "<the provider's name for it>" };

function describeMissing(
  key: keyof typeof EXAMPLES,
  section: Section<ModelTable>,
  context: ModelEntryContext,
): readonly Issue[] {
  if (section.faulty.has(key)) return [];
  const hint = `add ${key} = "${EXAMPLES[key]}"`;
  return [{ path: `${context.path}.${key}`, message: "is missing", hint }];
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
