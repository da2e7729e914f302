/** The sections together: references resolved, defaults and catalog filled in. Pure. */

import type { Model } from "../core/catalog.ts";
import type { Issue } from "../core/issue.ts";
import type { Provider } from "../core/provider.ts";
import type { Config } from "./config.ts";
import type { ConfigDocument } from "./document.ts";
import { isError } from "./issue_line.ts";
import { buildModel } from "./model_entry.ts";
import type { PathContext } from "./paths.ts";
import type { PriceList } from "./prices.ts";
import { buildProvider, type ProviderEntry } from "./provider_entry.ts";
import { buildRules, type KnownAliases } from "./rule_entry.ts";
import { isStrongTier } from "../core/strong_budget.ts";
import { joinPath } from "./section.ts";
import { buildCascade, buildLedger, buildRouting, buildServer } from "./settings.ts";

/** What a config depends on besides its own text. */
export interface BuildContext extends PathContext {
  readonly priceList: PriceList;
}

/** The config as far as it could be built, and every problem, errors and warnings. */
export interface BuildResult {
  /** Null when there are errors. */
  readonly config: Config | null;
  readonly issues: readonly Issue[];
}

/** Builds the config from its sections; all problems are told, not only the first. */
export function buildConfig(document: ConfigDocument, context: BuildContext): BuildResult {
  const { ledger, routing, cascade } = document;
  const server = buildServer(document.server);
  const providers = buildProviders(document, context);
  const models = buildModels(document, { providers, priceList: context.priceList });
  const rules = buildRules(document.rules, listAliases(document));
  const issues = [
    ...document.issues,
    ...server.issues,
    ...ledger.issues,
    ...[...providers.values()].flatMap((entry) => entry.issues),
    ...models.issues,
    ...routing.issues,
    ...checkProfile(document),
    ...checkShare(document),
    ...rules.issues,
    ...cascade.issues,
    ...findMissingKeys(providers, models.models),
  ];
  if (issues.some(isError) || server.settings === null) return { config: null, issues };
  const config: Config = {
    server: server.settings,
    ledger: buildLedger(ledger.table, context),
    providers: new Map(
      [...providers].flatMap(([id, { provider }]): readonly [string, Provider][] =>
        provider ? [[id, provider]] : []
      ),
    ),
    catalog: new Map(models.models.map((model) => [model.alias, model])),
    routing: buildRouting(routing.table),
    rules: rules.rules,
    cascade: buildCascade(cascade.table),
  };
  return { config, issues };
}

/** Why the daemon can't start with this config, though it has no errors; null when it can. */
export function findStartIssue(config: Config): Issue | null {
  const models = [...config.catalog.values()];
  if (models.some((model) => model.enabled && model.unusable === null)) return null;
  if ([...config.providers.values()].some(({ discover }) => discover)) return null;
  const reasons = new Set(models.flatMap((model) => model.enabled ? model.unusable ?? [] : []));
  return {
    path: "models",
    message: "has no model that can be used" +
      (reasons.size > 0 ? ` (${[...reasons].join("; ")})` : " (all are disabled)"),
    hint: reasons.size > 0
      ? "set a variable, or add a local model"
      : "remove enabled = false from one",
  };
}

type ProviderEntries = ReadonlyMap<string, ProviderEntry>;

function buildProviders(document: ConfigDocument, context: BuildContext): ProviderEntries {
  return new Map([...document.providers.entries].map(([id, section]) => {
    const path = joinPath("providers", id);
    return [id, buildProvider(section, { id, path, env: context.env })];
  }));
}

function buildModels(
  document: ConfigDocument,
  context: { readonly providers: ProviderEntries; readonly priceList: PriceList },
): { readonly models: readonly Model[]; readonly issues: readonly Issue[] } {
  const { entries, isWhole } = document.models;
  if (entries.size === 0) {
    const providers = [...document.providers.entries.values()];
    if (providers.some(({ table }) => table["discover"] === true)) {
      return { models: [], issues: [] };
    }
    const hint = "add a section [models.<alias>] with provider and model_id";
    const issue = { path: "models", message: "has no model", hint };
    return { models: [], issues: isWhole ? [issue] : [] };
  }
  const hasAllProviders = document.providers.isWhole;
  const built = [...entries].map(([alias, section]) =>
    buildModel(section, { ...context, alias, path: joinPath("models", alias), hasAllProviders })
  );
  return {
    models: built.flatMap((entry) => entry.model ?? []),
    issues: built.flatMap((entry) => entry.issues),
  };
}

function listAliases(document: ConfigDocument): KnownAliases {
  const { entries, isWhole } = document.models;
  const disabled = [...entries].flatMap(([alias, { table }]) => table.enabled ? [] : [alias]);
  const embeddings = [...entries].flatMap(([alias, { table }]) =>
    table.type === "embeddings" ? [alias] : []
  );
  return {
    aliases: [...entries.keys()],
    disabled: new Set(disabled),
    embeddings: new Set(embeddings),
    isWhole,
  };
}

function checkProfile(document: ConfigDocument): readonly Issue[] {
  const tables = [...document.models.entries.values()].map((section) => section.table);
  const enabled = tables.filter((table) => table.enabled);
  const isLocal = enabled.length > 0 && enabled.every((table) => table.local);
  if (document.routing.table.profile !== "cloud-only" || !isLocal) return [];
  return [{
    path: "routing.profile",
    message: 'is "cloud-only", but every enabled model is local: it finds none',
    hint: "choose another profile, or add a hosted model",
    severity: "warning",
  }];
}

/** A limit for strong models does nothing where nobody else can take what they leave. */
function checkShare(document: ConfigDocument): readonly Issue[] {
  const tables = [...document.models.entries.values()].map((section) => section.table);
  const enabled = tables.filter((table) => table.enabled);
  const isStrong = enabled.length > 0 && enabled.every(({ quality }) => isStrongTier(quality));
  if (document.routing.table["strong_share"] === undefined || !isStrong) return [];
  return [{
    path: "routing.strong_share",
    message: "has no effect: every enabled model is strong or premium",
    hint: "add a model of tier basic or standard, or leave it out",
    severity: "warning",
  }];
}

// One warning a provider, and only where a model is lost by it.
function findMissingKeys(
  providers: ProviderEntries,
  models: readonly Model[],
): readonly Issue[] {
  return [...providers].flatMap(([id, entry]) => {
    const lost = models.filter((model) => model.provider === id && model.enabled);
    if (!entry.unusable || lost.length === 0) return [];
    return [{
      path: joinPath("providers", id),
      message: `can't be used: ${entry.unusable}`,
      hint: `until then its models are left out: ${lost.map((model) => model.alias).join(", ")}`,
      severity: "warning" as const,
    }];
  });
}
