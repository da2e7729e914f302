/** `[providers.<id>]` -> Provider. */

import type { Issue } from "../core/issue.ts";
import {
  type CompatFlags,
  type Provider,
  PROVIDER_KINDS,
  type ProviderKind,
} from "../core/provider.ts";
import { type Env, resolveApiKey } from "./api_key.ts";
import { parseBaseUrl } from "./base_url.ts";
import { isProviderKind, listNames, PROVIDER_KIND_NAMES, type ProviderTable } from "./schema.ts";

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
export function buildProvider(table: ProviderTable, context: ProviderEntryContext): ProviderEntry {
  const { id, path } = context;
  const kind = table["kind"] ?? (isProviderKind(id) ? id : undefined);
  const url = table["base_url"] === undefined
    ? undefined
    : parseBaseUrl(table["base_url"], `${path}.base_url`);
  const problems = [
    ...(kind === undefined ? [describeMissingKind(path)] : []),
    ...(url === undefined || url.ok ? [] : url.issues),
  ];
  if (kind === undefined || problems.length > 0) {
    return { provider: null, unusable: null, issues: problems };
  }
  const baseUrl = url?.ok ? url.value : PROVIDER_KINDS[kind].baseUrl;
  const key = resolveApiKey(table, { path, kind, baseUrl, env: context.env });
  const provider = { id, kind, baseUrl, apiKey: key.secret, ...readLimits(table, kind) };
  const issues = [...key.issues, ...findIdleCompat(table, { path, kind })];
  return { provider, unusable: key.missing, issues };
}

/** The flags are quirks of servers that speak OpenAI's dialect. */
function findIdleCompat(
  table: ProviderTable,
  { path, kind }: { readonly path: string; readonly kind: ProviderKind },
): readonly Issue[] {
  if (kind === "openai" || table["compat"] === undefined) return [];
  const message = `has no effect: its flags are for the dialect "openai", not "${kind}"`;
  return [{ path: `${path}.compat`, message, hint: "remove it", severity: "warning" }];
}

function readLimits(
  table: ProviderTable,
  kind: ProviderKind,
): Omit<Provider, "id" | "kind" | "baseUrl" | "apiKey"> {
  const firstTokenSecs = table["first_token_timeout_secs"];
  return {
    requestTimeoutMs: table["request_timeout_secs"] * 1000,
    firstTokenTimeoutMs: firstTokenSecs === undefined
      ? PROVIDER_KINDS[kind].firstTokenTimeoutMs
      : firstTokenSecs * 1000,
    idleTimeoutMs: table["idle_timeout_secs"] * 1000,
    maxConcurrency: table["max_concurrency"] ?? null,
    compat: readCompat(table["compat"] ?? {}),
  };
}

function readCompat(table: NonNullable<ProviderTable["compat"]>): CompatFlags {
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
