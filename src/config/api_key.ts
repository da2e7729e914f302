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
  readonly kind: ProviderKind;
  readonly baseUrl: string;
  readonly env: Env;
}

const HEADER_VALUE = /^[\x21-\x7e]+$/;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Finds a provider's key. Without `api_key_env` and `api_key` the dialect's usual variable is read,
 * but only for its vendor's own host: a server elsewhere must not get the vendor's key.
 */
export function resolveApiKey(table: ProviderTable, context: ApiKeyContext): ApiKey {
  const found = table["api_key"] === undefined
    ? readVariable(table["api_key_env"], context)
    : readLiteral(table["api_key"], table, context);
  return { ...found, issues: [...found.issues, ...checkTransport(found.secret, context)] };
}

function readLiteral(value: string, table: ProviderTable, context: ApiKeyContext): ApiKey {
  const path = `${context.path}.api_key`;
  const key = value.trim();
  if (table["api_key_env"] !== undefined) {
    return noKey({ path, message: "stands beside api_key_env", hint: "keep one of them" });
  }
  if (!HEADER_VALUE.test(key)) {
    return noKey({ path, message: "holds characters that an HTTP header can't carry" });
  }
  const warning: Issue = {
    path,
    message: "keeps a secret in the file",
    hint: "an environment variable, named in api_key_env, is safer",
    severity: "warning",
  };
  return { secret: new Secret(key), missing: null, issues: [warning] };
}

function readVariable(named: string | undefined, context: ApiKeyContext): ApiKey {
  const name = named ?? findDefaultVariable(context);
  if (name === null) return { secret: null, missing: null, issues: [] };
  if (!VARIABLE_NAME.test(name) || looksLikeKey(name)) {
    return noKey({
      path: `${context.path}.api_key_env`,
      message: "must be the name of an environment variable, not the key itself",
      hint: 'such as "OPENAI_API_KEY"',
    });
  }
  const key = context.env(name)?.trim();
  const missing = describeMissing(name, key);
  if (missing !== null || key === undefined) return { secret: null, missing, issues: [] };
  return { secret: new Secret(key), missing: null, issues: [] };
}

function findDefaultVariable(context: ApiKeyContext): string | null {
  const defaults = PROVIDER_KINDS[context.kind];
  return hasSameHost(context.baseUrl, defaults.baseUrl) ? defaults.apiKeyEnv : null;
}

function describeMissing(name: string, key: string | undefined): string | null {
  if (key === undefined) return `environment variable ${name} is not set`;
  if (key === "") return `environment variable ${name} is empty`;
  if (HEADER_VALUE.test(key)) return null;
  return `environment variable ${name} holds characters that an HTTP header can't carry`;
}

// Variables are upper-case by custom; a long mix of small letters and digits is a key put here.
function looksLikeKey(name: string): boolean {
  return name.length >= 20 && /[a-z]/.test(name) && /\d/.test(name);
}

function checkTransport(secret: Secret | null, context: ApiKeyContext): readonly Issue[] {
  const isPlain = context.baseUrl.startsWith("http://");
  if (secret === null || !isPlain || isLoopbackUrl(context.baseUrl)) return [];
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
