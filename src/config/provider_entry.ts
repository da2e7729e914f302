/** `[providers.<id>]` -> Provider. */

import { failed, type Issue, type Parsed, parsed } from "../core/issue.ts";
import {
  COMPAT_KINDS,
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
    ...findIdleKeys(section, { path, kind }),
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
    promptCache: table["prompt_cache"] ?? true,
    keepAlive: table["keep_alive"] ?? null,
    discover: table["discover"] ?? false,
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

/** Keys that one dialect alone reads. */
const KIND_KEYS: ReadonlyMap<string, readonly ProviderKind[]> = new Map([
  ["prompt_cache", ["anthropic"]],
  ["keep_alive", ["ollama"]],
  ["discover", ["ollama"]],
]);

function findIdleKeys(
  section: ProviderSection,
  { path, kind }: { readonly path: string; readonly kind: ProviderKind | null },
): readonly Issue[] {
  if (kind === null) return [];
  const flags = section.compat.table;
  return [
    ...findIdle(section.table, { path, kind, kinds: KIND_KEYS }),
    ...findIdle(flags, { path: `${path}.compat`, kind, kinds: COMPAT_KINDS }),
  ];
}

function findIdle(
  table: Readonly<Record<string, unknown>>,
  of: {
    readonly path: string;
    readonly kind: ProviderKind;
    readonly kinds: ReadonlyMap<string, readonly ProviderKind[]>;
  },
): readonly Issue[] {
  return [...of.kinds].flatMap(([key, kinds]) => {
    if (table[key] === undefined || kinds.includes(of.kind)) return [];
    const message = `has no effect: it is for the dialect ${listNames(kinds)}, not "${of.kind}"`;
    return [{ path: `${of.path}.${key}`, message, hint: "remove it", severity: "warning" }];
  });
}

type ProviderLimits = Pick<
  Provider,
  | "connectTimeoutMs"
  | "requestTimeoutMs"
  | "firstTokenTimeoutMs"
  | "isFirstTokenFixed"
  | "idleTimeoutMs"
  | "maxConcurrency"
>;

function readLimits(
  table: ProviderTable,
  kind: ProviderKind,
): ProviderLimits {
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
  return {
    vendor: table["vendor"],
    stop: table["stop"],
    callIds: table["call_ids"],
    prefix: table["prefix"],
    refusedFields: table["refused_fields"]?.flatMap((name) => name ?? []),
    maxTokensField: table["max_tokens_field"],
    developerRole: table["developer_role"],
    streamUsage: table["stream_usage"],
    reasoningHistory: table["reasoning_history"],
    strict: table["strict"],
    cacheControl: table["cache_control"],
    jsonSchema: table["json_schema"],
    fixedSampling: table["fixed_sampling"],
    thinking: table["thinking"],
    sampling: table["sampling"],
    prefill: table["prefill"],
    structuredOutput: table["structured_output"],
  };
}

function describeMissingKind(path: string): Issue {
  return {
    path: `${path}.kind`,
    message: "is missing",
    hint: `set it to ${listNames(PROVIDER_KIND_NAMES)} (most servers speak "openai")`,
  };
}
