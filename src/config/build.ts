/** The sections together: references resolved, defaults and catalog filled in. Pure. */

import type { Model } from "../core/catalog.ts";
import type { Issue } from "../core/issue.ts";
import type { Provider } from "../core/provider.ts";
import type { Config } from "./config.ts";
import type { ConfigDocument } from "./document.ts";
import { buildModel } from "./model_entry.ts";
import type { PathContext } from "./paths.ts";
import type { PriceList } from "./prices.ts";
import { buildProvider, type ProviderEntry } from "./provider_entry.ts";
import { buildRules } from "./rule_entry.ts";
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
  const server = document.server === null ? null : buildServer(document.server);
  const providers = buildProviders(document, context);
  const models = buildModels(document, { providers, priceList: context.priceList });
  const rules = buildRules(document.rules, [...document.models.keys()]);
  const issues = [
    ...document.issues,
    ...(server === null || server.ok ? [] : server.issues),
    ...[...providers.values()].flatMap((entry) => entry?.issues ?? []),
    ...models.issues,
    ...rules.issues,
    ...findMissingKeys(providers, models.models),
  ];
  const { ledger, routing, cascade } = document;
  const hasErrors = issues.some((issue) => issue.severity !== "warning");
  if (hasErrors || !server?.ok || ledger === null || routing === null || cascade === null) {
    return { config: null, issues };
  }
  const config: Config = {
    server: server.value,
    ledger: buildLedger(ledger, context),
    providers: new Map(
      [...providers].flatMap(([id, entry]): readonly [string, Provider][] =>
        entry?.provider ? [[id, entry.provider]] : []
      ),
    ),
    catalog: new Map(models.models.map((model) => [model.alias, model])),
    routing: buildRouting(routing),
    rules: rules.rules,
    cascade: buildCascade(cascade),
  };
  return { config, issues };
}

/** Why the daemon can't start with this config, though it has no errors; null when it can. */
export function findStartIssue(config: Config): Issue | null {
  const models = [...config.catalog.values()];
  if (models.some((model) => model.enabled && model.unusable === null)) return null;
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

type ProviderEntries = ReadonlyMap<string, ProviderEntry | null>;

function buildProviders(document: ConfigDocument, context: BuildContext): ProviderEntries {
  return new Map([...document.providers].map(([id, table]) => {
    const path = joinPath("providers", id);
    return [id, table && buildProvider(table, { id, path, env: context.env })];
  }));
}

function buildModels(
  document: ConfigDocument,
  context: { readonly providers: ProviderEntries; readonly priceList: PriceList },
): { readonly models: readonly Model[]; readonly issues: readonly Issue[] } {
  if (document.models.size === 0) {
    if (document.issues.some((issue) => issue.path === "models")) return { models: [], issues: [] };
    const hint = "add a section [models.<alias>] with provider and model_id";
    return { models: [], issues: [{ path: "models", message: "has no model", hint }] };
  }
  const entries = [...document.models].flatMap(([alias, table]) =>
    table ? [buildModel(table, { ...context, alias, path: joinPath("models", alias) })] : []
  );
  return {
    models: entries.flatMap((entry) => entry.model ?? []),
    issues: entries.flatMap((entry) => entry.issues),
  };
}

// One warning a provider, and only where a model is lost by it.
function findMissingKeys(
  providers: ProviderEntries,
  models: readonly Model[],
): readonly Issue[] {
  return [...providers].flatMap(([id, entry]) => {
    const lost = models.filter((model) => model.provider === id && model.enabled);
    if (!entry?.unusable || lost.length === 0) return [];
    return [{
      path: joinPath("providers", id),
      message: `can't be used: ${entry.unusable}`,
      hint: `until then its models are left out: ${lost.map((model) => model.alias).join(", ")}`,
      severity: "warning" as const,
    }];
  });
}
