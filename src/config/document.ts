/** The whole file against its schemas: each table by itself, so that all problems show at once. */

import type { InferOutput } from "valibot";
import type { Issue } from "../core/issue.ts";
import type { JsonObject } from "../core/json.ts";
import {
  CASCADE_TABLE,
  type CascadeTable,
  COMPAT_TABLE,
  type CompatTable,
  LEDGER_TABLE,
  type LedgerTable,
  MODEL_TABLE,
  type ModelTable,
  PROVIDER_TABLE,
  type ProviderTable,
  ROUTING_TABLE,
  type RoutingTable,
  RULE_TABLE,
  type RuleTable,
  SECTIONS,
  SERVER_TABLE,
  type ServerTable,
  THEN_TABLE,
  type ThenTable,
} from "./schema.ts";
import {
  findIntended,
  findUnknownKeys,
  isTable,
  joinPath,
  parseSection,
  type Section,
  type TableSchema,
} from "./section.ts";

/** `[providers.<id>]` and its table of flags. */
export interface ProviderSection extends Section<ProviderTable> {
  readonly compat: Section<CompatTable>;
}

/** One `[[rules]]` and its target. */
export interface RuleSection extends Section<RuleTable> {
  readonly then: Section<ThenTable>;
}

/** The tables of one section by name. */
export interface Entries<T> {
  readonly entries: ReadonlyMap<string, T>;
  /** Whether the section could be read: names that it lacks do not exist. */
  readonly isWhole: boolean;
}

/** The file, table by table. */
export interface ConfigDocument {
  readonly server: Section<ServerTable>;
  readonly ledger: Section<LedgerTable>;
  readonly providers: Entries<ProviderSection>;
  readonly models: Entries<Section<ModelTable>>;
  readonly routing: Section<RoutingTable>;
  readonly rules: readonly RuleSection[];
  readonly cascade: Section<CascadeTable>;
  /** What is wrong with the sections as a whole. */
  readonly issues: readonly Issue[];
}

/** Reads a parsed TOML document. */
export function readDocument(raw: unknown): ConfigDocument {
  const root: JsonObject = isTable(raw) ? raw : {};
  const known = Object.keys(SECTIONS);
  const providers = sectionOf(root, "providers") ?? {};
  const models = sectionOf(root, "models") ?? {};
  const rules = sectionOf(root, "rules") ?? [];
  const intended = findIntended(root, known);
  return {
    server: readSettings(SERVER_TABLE, root, "server"),
    ledger: readSettings(LEDGER_TABLE, root, "ledger"),
    providers: {
      entries: readEntries(providers, "providers", readProvider),
      isWhole: isTable(providers) && !intended.includes("providers"),
    },
    models: {
      entries: readEntries(models, "models", readModel),
      isWhole: isTable(models) && !intended.includes("models"),
    },
    routing: readSettings(ROUTING_TABLE, root, "routing"),
    rules: Array.isArray(rules) ? rules.map(readRule) : [],
    cascade: readSettings(CASCADE_TABLE, root, "cascade"),
    issues: [
      ...findUnknownKeys(root, { path: "", known }),
      ...describeNoEntries(providers, "providers"),
      ...describeNoEntries(models, "models"),
      ...(Array.isArray(rules) ? [] : [describeNoRules()]),
    ],
  };
}

function readSettings<S extends TableSchema>(
  schema: S,
  root: JsonObject,
  key: string,
): Section<InferOutput<S>> {
  const hint = `begin it with a line [${key}]`;
  return parseSection(schema, sectionOf(root, key) ?? {}, { path: key, hint });
}

function readEntries<T>(
  section: unknown,
  key: string,
  read: (value: unknown, path: string) => T,
): ReadonlyMap<string, T> {
  if (!isTable(section)) return new Map();
  return new Map(
    Object.keys(section).map((name) => [name, read(section[name], joinPath(key, name))]),
  );
}

function readProvider(value: unknown, path: string): ProviderSection {
  const hint = `begin it with a line [${path}]`;
  const section = parseSection(PROVIDER_TABLE, value, { path, hint });
  const compat = parseSection(COMPAT_TABLE, section.table["compat"] ?? {}, {
    path: `${path}.compat`,
    hint: "for example { developer_role = false }",
  });
  return { ...section, compat };
}

function readModel(value: unknown, path: string): Section<ModelTable> {
  return parseSection(MODEL_TABLE, value, { path, hint: `begin it with a line [${path}]` });
}

function readRule(value: unknown, index: number): RuleSection {
  const path = `rules[${index}]`;
  const hint = "each rule begins with a line [[rules]]";
  const section = parseSection(RULE_TABLE, value, { path, hint });
  const then = parseSection(THEN_TABLE, section.table.then ?? {}, {
    path: `${path}.then`,
    hint: 'for example { primary = "alias", cascade = ["alias"] }',
  });
  return { ...section, then };
}

function describeNoEntries(section: unknown, key: string): readonly Issue[] {
  if (isTable(section)) return [];
  const hint = `each begins with a line such as [${key}.name]`;
  return [{ path: key, message: "must be a table of tables", hint }];
}

function describeNoRules(): Issue {
  const hint = "each rule begins with a line [[rules]]";
  return { path: "rules", message: "must be an array of tables", hint };
}

function sectionOf(root: JsonObject, key: string): unknown {
  return Object.hasOwn(root, key) ? root[key] : undefined;
}
