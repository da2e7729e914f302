/** Which model and provider a request is passed to. */

import type { Catalog, Model } from "./catalog.ts";
import { isUsable } from "./filter.ts";
import type { RoutingSettings } from "./policy.ts";
import { isProfileName } from "./profile.ts";
import { type PassageEndpoint, PASSAGES } from "./passage.ts";
import { type Provider, PROVIDER_KINDS } from "./provider.ts";
import { AUTO_MODEL } from "./route.ts";
import { escapeLine } from "../redact.ts";

/** What the choice is made from. */
export interface PassageTable {
  readonly catalog: Catalog;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly unknownModel: RoutingSettings["unknownModel"];
  readonly hosts: PassageHosts;
}

/** What is known of the hosts of these endpoints. */
export interface PassageHosts {
  /** Whether the provider's dialect has OpenAI's other endpoints. */
  readonly hasEndpoints: (provider: Provider) => boolean;
  /** Whether its chat models have completions, too. */
  readonly hasCompletions: (provider: Provider) => boolean;
  /** Whether a model that is called so is more likely to be there than elsewhere. */
  readonly isHomeOf: (provider: Provider, name: string) => boolean;
}

/** Who is asked, and why. */
export interface PassageTarget {
  /** One of the catalog, or one that is made of the client's own name for it. */
  readonly model: Model;
  /** A line that says why. */
  readonly reason: string;
  /** The alias of another model that could have been named; null when there is none. */
  readonly other: string | null;
}

/** Why nobody is asked. */
export type PassageRefusal =
  /** It is a model of another type. */
  | { readonly type: "wrong_type"; readonly alias: string; readonly known: readonly string[] }
  /** Its provider has no such endpoint. */
  | { readonly type: "no_endpoint"; readonly model: Model; readonly known: readonly string[] }
  /** It can't be used now; a predicate of the model says why. */
  | { readonly type: "unusable"; readonly alias: string; readonly reason: string }
  | { readonly type: "unknown"; readonly name: string; readonly known: readonly string[] }
  /** Nothing in the config can answer; each model that might, and why it can't now. */
  | { readonly type: "none"; readonly reasons: readonly string[] };

/** A target, or why there is none. */
export type PassageDecision =
  | { readonly type: "target"; readonly target: PassageTarget }
  | { readonly type: "refusal"; readonly refusal: PassageRefusal };

/**
 * Chooses who answers: the model that is named by its alias or its provider's name; for `auto`, a
 * profile or no name the first that can. A name is never answered by another model: embeddings of
 * different models can't be compared, and a client would not notice. A name that the catalog does
 * not have goes as it is to the first provider that can be asked and may have it, unless the catalog
 * has models of the kind to choose from.
 */
export function choosePassage(
  asked: { readonly endpoint: PassageEndpoint; readonly model: string },
  table: PassageTable,
): PassageDecision {
  const { endpoint, model: name } = asked;
  const choice = { endpoint, table, models: listModels(endpoint, table) };
  const named = table.catalog.get(name) ?? findByModelId(name, choice);
  if (named !== undefined) return takeNamed(named, { ...choice, name });
  if (name === "" || name === AUTO_MODEL || isProfileName(name)) return takeFirst(choice);
  const { type } = PASSAGES[endpoint];
  const hasOwn = type === "embeddings" && [...table.catalog.values()].some((m) => m.type === type);
  if (table.unknownModel === "auto" && !hasOwn) return passName(name, choice);
  const known = choice.models.map(({ alias }) => alias);
  return refuse({ type: "unknown", name, known });
}

interface Choice {
  readonly endpoint: PassageEndpoint;
  readonly table: PassageTable;
  /** The models that can answer. */
  readonly models: readonly Model[];
}

function listModels(endpoint: PassageEndpoint, table: PassageTable): readonly Model[] {
  const { type } = PASSAGES[endpoint];
  return [...table.catalog.values()].filter((model) =>
    model.type === type && isUsable(model) && hasEndpoint(model, table)
  );
}

function hasEndpoint(model: Model, { providers, hosts }: PassageTable): boolean {
  const provider = providers.get(model.provider);
  return provider !== undefined && hosts.hasEndpoints(provider);
}

/** The provider's own name: one that can answer goes before one that can't. */
function findByModelId(name: string, { endpoint, table, models }: Choice): Model | undefined {
  const { type } = PASSAGES[endpoint];
  return models.find(({ modelId }) => modelId === name) ??
    [...table.catalog.values()].find((model) => model.modelId === name && model.type === type);
}

function takeNamed(model: Model, choice: Choice & { readonly name: string }): PassageDecision {
  const { endpoint, table, models, name } = choice;
  const { alias } = model;
  const known = models.map((other) => other.alias);
  if (model.type !== PASSAGES[endpoint].type) return refuse({ type: "wrong_type", alias, known });
  if (!model.enabled) {
    return refuse({ type: "unusable", alias, reason: "is disabled in the config" });
  }
  if (model.unusable !== null) return refuse({ type: "unusable", alias, reason: model.unusable });
  if (!hasEndpoint(model, table)) return refuse({ type: "no_endpoint", model, known });
  const as = alias === name ? "" : ` as its provider calls it: ${model.modelId}`;
  return take(model, { models, reason: `the request's model names ${alias}${as}` });
}

function takeFirst({ endpoint, table, models }: Choice): PassageDecision {
  const isCompletions = endpoint === "completions";
  const able = isCompletions ? models.filter((model) => hasCompletions(model, table)) : models;
  const local = isCompletions ? able.find((model) => model.local) : undefined;
  const first = local ?? able[0];
  if (first === undefined) return refuse({ type: "none", reasons: listReasons(endpoint, table) });
  const kind = isCompletions ? "model whose provider has completions" : "embeddings model";
  const which = local === undefined ? "first" : "first local";
  return take(first, { models, reason: `${first.alias} is the ${which} ${kind} of the config` });
}

function hasCompletions(model: Model, { providers, hosts }: PassageTable): boolean {
  const provider = providers.get(model.provider);
  return provider !== undefined && hosts.hasCompletions(provider);
}

function listReasons(endpoint: PassageEndpoint, table: PassageTable): readonly string[] {
  const { type } = PASSAGES[endpoint];
  return [...table.catalog.values()].filter((model) => model.type === type).map((model) =>
    `${model.alias} ${
      !model.enabled
        ? "is disabled in the config"
        : model.unusable ?? `is at ${model.provider}, which has no ${endpoint} for it`
    }`
  );
}

function passName(name: string, { endpoint, table, models }: Choice): PassageDecision {
  const able = [...table.providers.values()].filter((candidate) =>
    table.hosts.hasEndpoints(candidate) && isProviderUsable(candidate, table.catalog)
  );
  const provider = able.find((candidate) => table.hosts.isHomeOf(candidate, name)) ?? able[0];
  if (provider === undefined) {
    return refuse({ type: "none", reasons: listReasons(endpoint, table) });
  }
  const model = modelOfName(name, { provider, endpoint });
  const reason = `"${model.alias}" is no alias: passed as it is to ${provider.id}, ` +
    `a provider that has ${endpoint}`;
  return take(model, { models, reason });
}

/** A provider lacks its key when its models do; one without models, when its vendor wants one. */
function isProviderUsable(provider: Provider, catalog: Catalog): boolean {
  const models = [...catalog.values()].filter((model) => model.provider === provider.id);
  if (models.length > 0) return models.some(({ unusable }) => unusable === null);
  const { apiKeyEnv, baseUrl } = PROVIDER_KINDS[provider.kind];
  const wantsKey = apiKeyEnv !== null && hostOf(provider) === hostOf({ baseUrl });
  return provider.apiKey !== null || !wantsKey;
}

/** The most characters that are shown and kept of a client's own name for a model. */
const MAX_ALIAS_CHARS = 100;

/** A model of which only the name is known: what it costs is unknown too. */
function modelOfName(
  name: string,
  of: { readonly provider: Provider; readonly endpoint: PassageEndpoint },
): Model {
  return {
    alias: escapeLine(name.slice(0, MAX_ALIAS_CHARS)),
    provider: of.provider.id,
    modelId: name,
    type: PASSAGES[of.endpoint].type,
    quality: "standard",
    price: null,
    contextWindow: null,
    maxOutputTokens: null,
    supportsTools: false,
    supportsVision: false,
    local: false,
    enabled: true,
    unusable: null,
  };
}

function hostOf({ baseUrl }: Pick<Provider, "baseUrl">): string {
  return new URL(baseUrl).hostname;
}

function take(
  model: Model,
  why: { readonly reason: string } & Pick<Choice, "models">,
): PassageDecision {
  const other = why.models.find((able) => able !== model)?.alias ?? null;
  return { type: "target", target: { model, reason: why.reason, other } };
}

function refuse(refusal: PassageRefusal): PassageDecision {
  return { type: "refusal", refusal };
}
