/** `[providers.<id>]` -> Provider. */

import { failed, type Issue, type Parsed, parsed } from "../core/issue.ts";
import {
  type CompatFlags,
  type Provider,
  PROVIDER_KINDS,
  type ProviderKind,
} from "../core/provider.ts";
import { type Env, resolveApiKey } from "./api_key.ts";
import { parseBaseUrl } from "./base_url.ts";
import type { ProviderSection } from "./document.ts";
import { isError } from "./issue_line.ts";
import { checkName } from "./name.ts";
import {
  type CompatTable,
  isProviderKind,
  listNames,
  PROVIDER_KIND_NAMES,
  type ProviderTable,
} from "./schema.ts";

/** What came of one entry. */
export interface ProviderEntry {
  /** Null when the entry has errors. */
  readonly provider: Provider | null;
  /** Why its models can't be used; null when they can. */
  readonly unusable: string | null;
  readonly issues: readonly Issue[];
}

/** Where the entry stands. */
export interface ProviderEntryContext {
  readonly id: string;
  /** `providers.<id>`. */
  readonly path: string;
  readonly env: Env;
}

/** Builds a provider: dialect, address, key, time limits in milliseconds. */
export function buildProvider(
  section: ProviderSection,
  context: ProviderEntryContext,
): ProviderEntry {
  const { table } = section;
  const { id, path, env } = context;
  const kind = findKind(section, id);
  const url = readBaseUrl(section, { id, path, kind });
  const key = resolveApiKey(table, { path, kind, baseUrl: url.ok ? url.value : null, env });
  const issues = [
    ...section.issues,
    ...checkName(id, path),
    ...(kind === null && !section.faulty.has("kind") ? [describeMissingKind(path)] : []),
    ...(url.ok ? [] : url.issues),
    ...key.issues,
    ...section.compat.issues,
    ...findIdleCompat(table, { path, kind }),
  ];
  if (kind === null || !url.ok || issues.some(isError)) {
    return { provider: null, unusable: null, issues };
  }
  const provider = {
    id,
    kind,
    baseUrl: url.value,
    apiKey: key.secret,
    ...readLimits(table, kind),
    compat: readCompat(section.compat.table),
  };
  return { provider, unusable: key.missing, issues };
}

function findKind(section: ProviderSection, id: string): ProviderKind | null {
  if (section.faulty.has("kind")) return null;
  return section.table["kind"] ?? (isProviderKind(id) ? id : null);
}

// The vendor's own host, and with it the vendor's key, only where the id says that it is meant.
function readBaseUrl(
  section: ProviderSection,
  at: { readonly id: string; readonly path: string; readonly kind: ProviderKind | null },
): Parsed<string> {
  const path = `${at.path}.base_url`;
  const text = section.table["base_url"];
  if (text !== undefined) return parseBaseUrl(text, path);
  // Another name for a dialect must not send its prompts, and the vendor's key, to the vendor.
  const isVendors = at.kind !== null && PROVIDER_KINDS[at.kind].apiKeyEnv !== null;
  if (at.kind !== null && (at.id === at.kind || !isVendors)) {
    return parsed(PROVIDER_KINDS[at.kind].baseUrl);
  }
  const isTold = section.faulty.has("base_url");
  if (isTold || (at.kind === null && isProviderKind(at.id))) return failed();
  const example = PROVIDER_KINDS[at.kind ?? "openai"].baseUrl;
  const hint = `set base_url to the server's address, such as "${example}"`;
  return failed({ path, message: "is missing", hint });
}

/** The flags are quirks of servers that speak OpenAI's dialect. */
function findIdleCompat(
  table: ProviderTable,
  { path, kind }: { readonly path: string; readonly kind: ProviderKind | null },
): readonly Issue[] {
  if (kind === null || kind === "openai" || table["compat"] === undefined) return [];
  const message = `has no effect: its flags are for the dialect "openai", not "${kind}"`;
  return [{ path: `${path}.compat`, message, hint: "remove it", severity: "warning" }];
}

function readLimits(
  table: ProviderTable,
  kind: ProviderKind,
): Omit<Provider, "id" | "kind" | "baseUrl" | "apiKey" | "compat"> {
  const firstTokenSecs = table["first_token_timeout_secs"];
  return {
    connectTimeoutMs: table["connect_timeout_secs"] * 1000,
    requestTimeoutMs: table["request_timeout_secs"] * 1000,
    firstTokenTimeoutMs: firstTokenSecs === undefined
      ? PROVIDER_KINDS[kind].firstTokenTimeoutMs
      : firstTokenSecs * 1000,
    isFirstTokenFixed: firstTokenSecs !== undefined,
    idleTimeoutMs: table["idle_timeout_secs"] * 1000,
    maxConcurrency: table["max_concurrency"] ?? null,
  };
}

function readCompat(table: CompatTable): CompatFlags {
  const field = table["max_tokens_field"];
  const developerRole = table["developer_role"];
  const streamUsage = table["stream_usage"];
  const reasoningHistory = table["reasoning_history"];
  return {
    ...(field === undefined ? {} : { maxTokensField: field }),
    ...(developerRole === undefined ? {} : { developerRole }),
    ...(streamUsage === undefined ? {} : { streamUsage }),
    ...(reasoningHistory === undefined ? {} : { reasoningHistory }),
  };
}

function describeMissingKind(path: string): Issue {
  return {
    path: `${path}.kind`,
    message: "is missing",
    hint: `set it to ${listNames(PROVIDER_KIND_NAMES)} (most servers speak "openai")`,
  };
}
