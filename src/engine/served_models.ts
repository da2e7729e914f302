/** The catalog together with what servers say of the models that they have. Pure. */

import { checkAlias } from "../config/name.ts";
import type { Catalog, Model, Price, Quality } from "../core/catalog.ts";
import { type Provider, PROVIDER_KINDS } from "../core/provider.ts";
import type { ModelListQuery, ServedModel } from "../providers/adapter.ts";
import type { Stock } from "./survey.ts";

/** What one provider's server has. */
export interface ServedStock extends Stock {
  readonly provider: Provider;
  readonly query: ModelListQuery;
}

/** A catalog that knows what the servers have said. */
export interface ServedCatalog {
  readonly catalog: Catalog;
  /** The aliases that the config does not name, by provider. */
  readonly discovered: ReadonlyMap<string, readonly string[]>;
  /** What the user should set right: sentences with the next step. */
  readonly warnings: readonly string[];
}

/** Whether the server can tell something that the config leaves open. */
export function needsSurvey({ id, kind, discover }: Provider, configured: Catalog): boolean {
  if (!PROVIDER_KINDS[kind].listsModels) return false;
  return discover ||
    [...configured.values()].some((model) =>
      model.provider === id && model.enabled && model.unusable === null &&
      model.contextWindow === null
    );
}

/** Whether more than the name of a model is to be known. */
export function isWantedModel(
  name: string,
  of: {
    readonly provider: Provider;
    readonly query: ModelListQuery;
    readonly configured: Catalog;
  },
): boolean {
  const { provider, query, configured } = of;
  return provider.discover ||
    modelsOf(configured, provider).some(({ modelId }) =>
      query.keyOf(modelId) === query.keyOf(name)
    );
}

/**
 * Fills in the context windows that the config leaves open, lowers those that are larger than the
 * model's own (the server would do so in silence), and adds the models that are to be discovered.
 * An alias of the config stays what it is: a discovered model of that name gets its provider's in
 * front.
 */
export function mergeStocks(
  configured: Catalog,
  stocks: readonly ServedStock[],
): ServedCatalog {
  const catalog = new Map(configured);
  const warnings: string[] = [];
  const discovered = new Map<string, readonly string[]>();
  for (const stock of stocks) {
    for (const model of modelsOf(configured, stock.provider)) {
      const { fitted, warning } = fitModel(model, stock);
      catalog.set(model.alias, fitted);
      if (warning !== null) warnings.push(warning);
    }
  }
  for (const stock of stocks) {
    const { added, nameless } = addDiscovered(catalog, stock);
    discovered.set(stock.provider.id, added);
    warnings.push(...nameless.map((name) => describeNameless(name, stock.provider)));
  }
  return { catalog, discovered, warnings };
}

function modelsOf(catalog: Catalog, { id }: Provider): readonly Model[] {
  return [...catalog.values()].filter((model) => model.provider === id && model.enabled);
}

function fitModel(
  model: Model,
  { provider, query, names, models }: ServedStock,
): { readonly fitted: Model; readonly warning: string | null } {
  const { alias, modelId, contextWindow: configured } = model;
  const isThis = (name: string) => query.keyOf(name) === query.keyOf(modelId);
  if (!names.some(isThis)) {
    const advice = query.adviseMissing(modelId);
    const warning = `provider "${provider.id}" has no model "${modelId}" (alias "${alias}"); ` +
      advice;
    return { fitted: model, warning };
  }
  const served = models.find(({ name }) => isThis(name))?.contextWindow ?? null;
  if (served === null || (configured !== null && configured <= served)) {
    return { fitted: model, warning: null };
  }
  const fitted = { ...model, contextWindow: served };
  if (configured === null) return { fitted, warning: null };
  const warning = `models.${alias}.context_window is ${configured}, but "${modelId}" takes no ` +
    `more than ${served} tokens, which count; lower it to that, or leave it out`;
  return { fitted, warning };
}

/** The aliases of the models that were added, and the names of those that can have none. */
interface Discovered {
  readonly added: readonly string[];
  readonly nameless: readonly string[];
}

/** Adds the models that no entry of the config names, each once under whatever names it is listed. */
function addDiscovered(catalog: Map<string, Model>, stock: ServedStock): Discovered {
  const { provider, query } = stock;
  const added: string[] = [];
  const nameless: string[] = [];
  if (!provider.discover) return { added, nameless };
  const own = [...catalog.values()].filter((model) => model.provider === provider.id);
  const known = new Set(own.map(({ modelId }) => query.keyOf(modelId)));
  // Servers list the newest first. The order of a catalog decides between equals: the larger first.
  const models = stock.models.toSorted((a, b) =>
    (b.parameterCount ?? 0) - (a.parameterCount ?? 0) || (a.name < b.name ? -1 : 1)
  );
  for (const served of models) {
    const key = query.keyOf(served.name);
    if (known.has(key)) continue;
    known.add(key);
    const alias = [served.name, `${provider.id}/${served.name}`].find((name) =>
      isFreeAlias(name, catalog)
    );
    if (alias === undefined) {
      nameless.push(served.name);
      continue;
    }
    catalog.set(alias, toModel(served, { alias, provider }));
    added.push(alias);
  }
  return { added, nameless };
}

/** The name may hold anything, so it is quoted as JSON quotes it. */
function describeNameless(name: string, { id }: Provider): string {
  const quoted = JSON.stringify(name);
  return `provider "${id}" has a model ${quoted} whose name can't be an alias, with ` +
    `"${id}/" in front neither; to use it, add [models.<alias>] with that model_id`;
}

function isFreeAlias(name: string, catalog: Catalog): boolean {
  return !catalog.has(name) && checkAlias(name, "models").length === 0;
}

const LOCAL_PRICE: Price = { source: "local", inputUsdPerMTok: 0, outputUsdPerMTok: 0 };

function toModel(
  served: ServedModel,
  { alias, provider }: { readonly alias: string; readonly provider: Provider },
): Model {
  return {
    alias,
    provider: provider.id,
    modelId: served.name,
    type: served.isEmbedding ? "embeddings" : "chat",
    quality: judgeQuality(served.parameterCount),
    price: served.isHosted ? null : LOCAL_PRICE,
    contextWindow: served.contextWindow,
    maxOutputTokens: null,
    supportsTools: served.supportsTools,
    supportsVision: served.supportsVision,
    local: !served.isHosted,
    enabled: true,
    unusable: null,
  };
}

/**
 * THE TABLE of tiers by size: models with less than so many parameters. Judgement by what the tiers'
 * adequacy is taken from: basic is a model of 7 to 8 billion, standard one like GPT-4o mini, which
 * open models of 14 to 32 billion are compared with.
 */
const SIZES: readonly { readonly below: number; readonly quality: Quality }[] = [
  { below: 12e9, quality: "basic" },
  { below: 60e9, quality: "standard" },
];

function judgeQuality(parameterCount: number | null): Quality {
  if (parameterCount === null) return "standard";
  return SIZES.find(({ below }) => parameterCount < below)?.quality ?? "strong";
}
