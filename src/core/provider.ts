/** The dialects that pirouter speaks upstream, and what a `[providers.<id>]` entry says. */

import type { Secret } from "../redact.ts";

/** A wire dialect. */
export type ProviderKind = "openai" | "anthropic" | "ollama";

/** What each dialect defaults to. */
export interface ProviderKindDefaults {
  readonly baseUrl: string;
  /** The path that a `base_url` without one gets. */
  readonly path: string;
  /** The environment variable that its key is usually in; null when it needs no key. */
  readonly apiKeyEnv: string | null;
  /** Milliseconds to the first token of a stream: long where a cold model must load first. */
  readonly firstTokenTimeoutMs: number;
}

/** THE TABLE of dialects and their defaults. */
export const PROVIDER_KINDS: Readonly<Record<ProviderKind, ProviderKindDefaults>> = {
  openai: {
    baseUrl: "https://api.openai.com",
    path: "/v1",
    apiKeyEnv: "OPENAI_API_KEY",
    firstTokenTimeoutMs: 300_000,
  },
  anthropic: {
    baseUrl: "https://api.anthropic.com",
    path: "/v1",
    apiKeyEnv: "ANTHROPIC_API_KEY",
    firstTokenTimeoutMs: 300_000,
  },
  ollama: {
    baseUrl: "http://127.0.0.1:11434",
    path: "/api",
    apiKeyEnv: null,
    firstTokenTimeoutMs: 600_000,
  },
};

/** Quirks of one vendor's server, by name; a flag that is absent keeps the dialect's default. */
export interface CompatFlags {
  /** The name of the output limit: `max_completion_tokens` (OpenAI) or `max_tokens` (most others). */
  readonly maxTokensField?: "max_tokens" | "max_completion_tokens";
  /** False: `developer` messages are sent as `system`. */
  readonly developerRole?: boolean;
  /** False: `stream_options` is not sent, for servers that refuse it. */
  readonly streamUsage?: boolean;
  /** True: `reasoning_content` of earlier turns is sent back (some vendors require it). */
  readonly reasoningHistory?: boolean;
}

/** One `[providers.<id>]` entry. All durations are milliseconds. */
export interface Provider {
  readonly id: string;
  readonly kind: ProviderKind;
  /** Scheme, host, port and perhaps a path; no trailing slash, no credentials, no query. */
  readonly baseUrl: string;
  readonly apiKey: Secret | null;
  /** To connect. */
  readonly connectTimeoutMs: number;
  /** The whole of a non-streamed request. */
  readonly requestTimeoutMs: number;
  /** From sending the request to the first token of a stream. */
  readonly firstTokenTimeoutMs: number;
  /** Whether that is the user's own number, so that nothing learned changes it. */
  readonly isFirstTokenFixed: boolean;
  /** Between two reads of a stream. */
  readonly idleTimeoutMs: number;
  /** Requests in flight at once; null is unlimited. */
  readonly maxConcurrency: number | null;
  readonly compat: CompatFlags;
}

/** The URL below which the dialect's endpoints live: a `base_url` without a path gets the dialect's own. */
export function endpointRoot(provider: Pick<Provider, "kind" | "baseUrl">): string {
  const hasPath = new URL(provider.baseUrl).pathname !== "/";
  const base = provider.baseUrl.replace(/\/+$/, "");
  return hasPath ? base : base + PROVIDER_KINDS[provider.kind].path;
}
