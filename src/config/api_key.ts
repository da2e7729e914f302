/** Where a provider's key comes from, and what it means when it is missing. */

import type { Issue } from "../core/issue.ts";
import { PROVIDER_KINDS, type ProviderKind } from "../core/provider.ts";
import { Secret } from "../redact.ts";
import { hasSameHost, isLoopbackUrl } from "./base_url.ts";
import type { ProviderTable } from "./schema.ts";

/** Reads an environment variable. */
export type Env = (name: string) => string | undefined;

/** A provider's key. */
export interface ApiKey {
  readonly secret: Secret | null;
  /** Why the provider can't be used without one; null when it can. */
  readonly missing: string | null;
  readonly issues: readonly Issue[];
}

/** What the key of a provider depends on. */
export interface ApiKeyContext {
  /** `providers.<id>`. */
  readonly path: string;
  /** Null when it is not known, like the URL: what depends on it is not told. */
  readonly kind: ProviderKind | null;
  readonly baseUrl: string | null;
  readonly env: Env;
}

const HEADER_VALUE = /^[\x21-\x7e]+$/;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Finds a provider's key. Without `api_key_env` and `api_key` the dialect's usual variable is read,
 * but only for its vendor's own host: a server elsewhere must not get the vendor's key.
 */
export function resolveApiKey(table: ProviderTable, context: ApiKeyContext): ApiKey {
  const named = table["api_key_env"];
  const found = table["api_key"] === undefined
    ? readVariable(named ?? findDefaultVariable(context), context)
    : readLiteral(table["api_key"], { ...context, isAlone: named === undefined });
  const issues = [
    ...found.issues,
    ...checkVariableName(named, context),
    ...checkSingle(table, context),
    ...checkTransport(found.secret, context),
  ];
  return { ...found, issues };
}

function readLiteral(
  value: string,
  context: ApiKeyContext & { readonly isAlone: boolean },
): ApiKey {
  const path = `${context.path}.api_key`;
  const key = value.trim();
  if (!HEADER_VALUE.test(key)) {
    return noKey({
      path,
      message: "holds characters that an HTTP header can't carry",
      hint: "copy the key again, without spaces and line breaks",
    });
  }
  const warning: Issue = {
    path,
    message: "keeps a secret in the file",
    hint: "an environment variable, named in api_key_env, is safer",
    severity: "warning",
  };
  return { secret: new Secret(key), missing: null, issues: context.isAlone ? [warning] : [] };
}

function readVariable(name: string | null, context: ApiKeyContext): ApiKey {
  if (name === null || !isVariableName(name)) return { secret: null, missing: null, issues: [] };
  const key = context.env(name)?.trim();
  const missing = describeMissing(name, key);
  if (missing !== null || key === undefined) return { secret: null, missing, issues: [] };
  return { secret: new Secret(key), missing: null, issues: [] };
}

function findDefaultVariable({ kind, baseUrl }: ApiKeyContext): string | null {
  if (kind === null || baseUrl === null) return null;
  const defaults = PROVIDER_KINDS[kind];
  return hasSameHost(baseUrl, defaults.baseUrl) ? defaults.apiKeyEnv : null;
}

function checkVariableName(name: string | undefined, context: ApiKeyContext): readonly Issue[] {
  if (name === undefined || isVariableName(name)) return [];
  return [{
    path: `${context.path}.api_key_env`,
    message: "must be the name of an environment variable, not the key itself",
    hint: 'for example "OPENAI_API_KEY"',
  }];
}

function checkSingle(table: ProviderTable, context: ApiKeyContext): readonly Issue[] {
  if (table["api_key"] === undefined || table["api_key_env"] === undefined) return [];
  const path = `${context.path}.api_key`;
  return [{ path, message: "stands beside api_key_env", hint: "keep one of them" }];
}

function describeMissing(name: string, key: string | undefined): string | null {
  if (key === undefined) return `environment variable ${name} is not set`;
  if (key === "") return `environment variable ${name} is empty`;
  if (HEADER_VALUE.test(key)) return null;
  return `environment variable ${name} holds characters that an HTTP header can't carry`;
}

// Variables are upper-case by custom; a long mix of small letters and digits is a key put here.
function isVariableName(name: string): boolean {
  const looksLikeKey = name.length >= 20 && /[a-z]/.test(name) && /\d/.test(name);
  return VARIABLE_NAME.test(name) && !looksLikeKey;
}

function checkTransport(secret: Secret | null, context: ApiKeyContext): readonly Issue[] {
  const { baseUrl } = context;
  if (secret === null || baseUrl === null) return [];
  if (!baseUrl.startsWith("http://") || isLoopbackUrl(baseUrl)) return [];
  return [{
    path: `${context.path}.base_url`,
    message: "sends the key unencrypted",
    hint: "use https:// unless you trust every machine on the way",
    severity: "warning",
  }];
}

function noKey(issue: Issue): ApiKey {
  return { secret: null, missing: null, issues: [issue] };
}
