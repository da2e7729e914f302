/** The whole file against its schemas: each section by itself, so that all problems show at once. */

import type { InferOutput } from "valibot";
import { failed, type Issue, type Parsed } from "../core/issue.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import { checkAlias, checkName } from "./name.ts";
import {
  CASCADE_TABLE,
  type CascadeTable,
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
} from "./schema.ts";
import { describeUnknownKey, joinPath, parseSection, type TableSchema } from "./section.ts";

/** The file, section by section; null where a section has errors. */
export interface ConfigDocument {
  readonly server: ServerTable | null;
  readonly ledger: LedgerTable | null;
  readonly providers: ReadonlyMap<string, ProviderTable | null>;
  readonly models: ReadonlyMap<string, ModelTable | null>;
  readonly routing: RoutingTable | null;
  readonly rules: readonly (RuleTable | null)[];
  readonly cascade: CascadeTable | null;
  readonly issues: readonly Issue[];
}

/** Reads a parsed TOML document. */
export function readDocument(raw: unknown): ConfigDocument {
  const root: JsonObject = isJsonObject(raw) ? raw : {};
  const server = parseSection(SERVER_TABLE, sectionOf(root, "server"), "server");
  const ledger = parseSection(LEDGER_TABLE, sectionOf(root, "ledger"), "ledger");
  const providers = readEntries(PROVIDER_TABLE, root, { key: "providers", check: checkName });
  const models = readEntries(MODEL_TABLE, root, { key: "models", check: checkAlias });
  const routing = parseSection(ROUTING_TABLE, sectionOf(root, "routing"), "routing");
  const rules = readRules(root);
  const cascade = parseSection(CASCADE_TABLE, sectionOf(root, "cascade"), "cascade");
  return {
    server: valueOf(server),
    ledger: valueOf(ledger),
    providers: providers.entries,
    models: models.entries,
    routing: valueOf(routing),
    rules: rules.map(valueOf),
    cascade: valueOf(cascade),
    issues: [
      ...findUnknownSections(root),
      ...issuesOf(server),
      ...issuesOf(ledger),
      ...providers.issues,
      ...models.issues,
      ...issuesOf(routing),
      ...rules.flatMap(issuesOf),
      ...issuesOf(cascade),
    ],
  };
}

interface Entries<T> {
  readonly entries: ReadonlyMap<string, T | null>;
  readonly issues: readonly Issue[];
}

interface EntriesSpec {
  readonly key: "providers" | "models";
  check(name: string, path: string): readonly Issue[];
}

function readEntries<S extends TableSchema>(
  schema: S,
  root: JsonObject,
  spec: EntriesSpec,
): Entries<InferOutput<S>> {
  const section = sectionOf(root, spec.key);
  if (!isJsonObject(section)) {
    const message = `must be a table of tables, such as [${spec.key}.name]`;
    return { entries: new Map(), issues: [{ path: spec.key, message }] };
  }
  const parsedEntries = Object.keys(section).map((name) => {
    const path = joinPath(spec.key, name);
    const result = parseSection(schema, section[name], path);
    return { name, result, issues: [...spec.check(name, path), ...issuesOf(result)] };
  });
  return {
    entries: new Map(parsedEntries.map(({ name, result }) => [name, valueOf(result)])),
    issues: parsedEntries.flatMap((entry) => entry.issues),
  };
}

function readRules(root: JsonObject): readonly Parsed<RuleTable>[] {
  const rules = Object.hasOwn(root, "rules") ? root["rules"] : [];
  if (Array.isArray(rules)) {
    return rules.map((rule, index) => parseSection(RULE_TABLE, rule, `rules[${index}]`));
  }
  const hint = "each rule begins with a line [[rules]]";
  return [failed({ path: "rules", message: "must be an array of tables", hint })];
}

function sectionOf(root: JsonObject, key: string): unknown {
  return Object.hasOwn(root, key) ? root[key] : {};
}

function findUnknownSections(root: JsonObject): readonly Issue[] {
  const known = Object.keys(SECTIONS);
  return Object.keys(root).filter((key) => !Object.hasOwn(SECTIONS, key))
    .map((key) => describeUnknownKey("", key, known));
}

function valueOf<T>(result: Parsed<T>): T | null {
  return result.ok ? result.value : null;
}

function issuesOf<T>(result: Parsed<T>): readonly Issue[] {
  return result.ok ? [] : result.issues;
}
