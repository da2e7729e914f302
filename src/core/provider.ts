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
  /** Whether its servers tell which models they have, and how large their windows are. */
  readonly listsModels: boolean;
  /** Milliseconds to the first token of a stream: long where a cold model must load first. */
  readonly firstTokenTimeoutMs: number;
  /**
   * Milliseconds after a request for which what it has sent is cheaper to send again:
   * https://platform.claude.com/docs/en/build-with-claude/prompt-caching (5 minutes),
   * https://platform.openai.com/docs/guides/prompt-caching (5 to 10 minutes of inactivity),
   * https://docs.ollama.com/faq (a model stays loaded for 5 minutes).
   */
  readonly cacheWarmMs: number;
}

/** THE TABLE of dialects and their defaults. */
export const PROVIDER_KINDS: Readonly<Record<ProviderKind, ProviderKindDefaults>> = {
  openai: {
    baseUrl: "https://api.openai.com",
    path: "/v1",
    apiKeyEnv: "OPENAI_API_KEY",
    listsModels: false,
    firstTokenTimeoutMs: 300_000,
    cacheWarmMs: 300_000,
  },
  anthropic: {
    baseUrl: "https://api.anthropic.com",
    path: "/v1",
    apiKeyEnv: "ANTHROPIC_API_KEY",
    listsModels: false,
    firstTokenTimeoutMs: 300_000,
    cacheWarmMs: 300_000,
  },
  ollama: {
    baseUrl: "http://127.0.0.1:11434",
    path: "/api",
    apiKeyEnv: null,
    listsModels: true,
    firstTokenTimeoutMs: 600_000,
    cacheWarmMs: 300_000,
  },
};

/** Vendors of OpenAI's dialect whose servers are known to differ; "other" is any server that is not. */
export const OPENAI_VENDORS = [
  "openai",
  "openrouter",
  "deepseek",
  "moonshot",
  "mistral",
  "groq",
  "cerebras",
  "google",
  "other",
] as const;

/** A vendor of OpenAI's dialect. */
export type OpenaiVendor = (typeof OPENAI_VENDORS)[number];

/** Quirks of one vendor's server, by name; a flag that is absent keeps what is known of the server. */
export interface CompatFlags {
  /** Whose server it is like; absent: by its host. The other flags come first. */
  readonly vendor?: OpenaiVendor | undefined;
  /** False: `stop` is not sent. */
  readonly stop?: boolean | undefined;
  /** Which ids of tool calls it takes: any, 40 characters at most, or 9 letters and digits. */
  readonly callIds?: "any" | "short" | "nine" | undefined;
  /** True: the mark `prefix` of an answer that the client has begun is sent. */
  readonly prefix?: boolean | undefined;
  /** Top-level fields that are not sent. */
  readonly refusedFields?: readonly string[] | undefined;
  /** The name of the output limit: `max_completion_tokens` (OpenAI) or `max_tokens` (most others). */
  readonly maxTokensField?: "max_tokens" | "max_completion_tokens" | undefined;
  /** False: `developer` messages are sent as `system`. */
  readonly developerRole?: boolean | undefined;
  /** False: `stream_options` is not sent, for servers that refuse it. */
  readonly streamUsage?: boolean | undefined;
  /** True: `reasoning_content` of earlier turns is sent back (some vendors require it). */
  readonly reasoningHistory?: boolean | undefined;
  /** True: only what OpenAI's own reference names is sent, because the server refuses the rest. */
  readonly strict?: boolean | undefined;
  /** True: Anthropic's `cache_control` is sent on. */
  readonly cacheControl?: boolean | undefined;
  /** False: a JSON schema is described to the model, because the server knows JSON mode alone. */
  readonly jsonSchema?: boolean | undefined;
  /** True: `temperature` and the like are not sent. */
  readonly fixedSampling?: boolean | undefined;
  /** How a Claude model (or one behind its dialect) thinks. */
  readonly thinking?: "none" | "budget" | "adaptive" | undefined;
  /** Which of `temperature` and `top_p` it takes. */
  readonly sampling?: "both" | "one" | "none" | undefined;
  /** Whether a conversation may end with the start of its answer. */
  readonly prefill?: boolean | undefined;
  /** Whether it can be held to a JSON schema. */
  readonly structuredOutput?: boolean | undefined;
}

/** THE TABLE of flags: its key in the config -> the dialects that read it. */
export const COMPAT_KINDS: ReadonlyMap<string, readonly ProviderKind[]> = new Map([
  ["vendor", ["openai"]],
  ["stop", ["openai"]],
  ["call_ids", ["openai"]],
  ["prefix", ["openai"]],
  ["refused_fields", ["openai"]],
  ["max_tokens_field", ["openai"]],
  ["developer_role", ["openai"]],
  ["stream_usage", ["openai"]],
  ["reasoning_history", ["openai"]],
  ["strict", ["openai"]],
  ["cache_control", ["openai"]],
  ["json_schema", ["openai"]],
  ["fixed_sampling", ["openai"]],
  ["thinking", ["anthropic"]],
  ["sampling", ["anthropic"]],
  ["prefill", ["anthropic"]],
  ["structured_output", ["anthropic"]],
]);

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
  /** Whether cache marks are added to requests of clients that set none (Anthropic). */
  readonly promptCache: boolean;
  /** How long a model stays loaded after a request, in Ollama's words; null: the server's default. */
  readonly keepAlive: string | number | null;
  /** Whether the models that the server has become models of the catalog (Ollama). */
  readonly discover: boolean;
  readonly compat: CompatFlags;
}

/** The URL below which the dialect's endpoints live: a `base_url` without a path gets the dialect's own. */
export function endpointRoot(provider: Pick<Provider, "kind" | "baseUrl">): string {
  const hasPath = new URL(provider.baseUrl).pathname !== "/";
  const base = provider.baseUrl.replace(/\/+$/, "");
  return hasPath ? base : base + PROVIDER_KINDS[provider.kind].path;
}
