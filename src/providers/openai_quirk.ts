/** How servers of the OpenAI dialect differ: by host, by model, and by the user's `compat` flags. */

import type { Model } from "../core/catalog.ts";
import type { CompatFlags, Provider } from "../core/provider.ts";

/** What one server takes. */
export interface Quirks {
  /** The name of the output limit; null: whichever the client sent. */
  readonly maxTokensField: "max_tokens" | "max_completion_tokens" | null;
  /** Whether it knows the role `developer`. */
  readonly developerRole: boolean;
  /** Whether it takes `stream_options`. */
  readonly streamUsage: boolean;
  /** Whether it wants the reasoning of earlier turns back. */
  readonly reasoningHistory: boolean;
  /** Whether it takes Anthropic's `cache_control`. */
  readonly cacheControl: boolean;
  /** Whether it refuses what OpenAI's own reference does not name. */
  readonly isStrict: boolean;
  /** Whether it takes a JSON schema as `response_format`; else JSON mode alone. */
  readonly jsonSchema: boolean;
  /** Whether its JSON mode is refused unless a message speaks of JSON. */
  readonly jsonWord: boolean;
  /** Whether the model refuses `temperature` and `top_p`. */
  readonly fixedSampling: boolean;
  /** Whether the model takes `stop`. */
  readonly stop: boolean;
  /** Which ids of tool calls it takes: any, 40 characters at most (OpenAI), or 9 letters and digits. */
  readonly callIds: "any" | "short" | "nine";
  /** Whether a model's tool call without the vendor's own signature is refused. */
  readonly signsCalls: boolean;
  /** Its name for `seed`. */
  readonly seedField: "seed" | "random_seed";
  /** Whether it takes `name` in messages. */
  readonly messageNames: boolean;
  /** Whether it takes `prefix` in a last assistant message, which it then goes on with. */
  readonly prefix: boolean;
  /** Top-level fields of OpenAI's that it refuses. */
  readonly refused: readonly string[];
}

const COMMON: Quirks = {
  maxTokensField: null,
  developerRole: false, // many servers refuse it, and all take `system`
  streamUsage: true,
  reasoningHistory: false,
  cacheControl: false,
  isStrict: false,
  jsonSchema: true,
  jsonWord: false,
  fixedSampling: false,
  stop: true,
  callIds: "any",
  signsCalls: false,
  seedField: "seed",
  messageNames: true,
  prefix: false, // refused by some, and unknown to most
  refused: [],
};

/** What comes with strictness, on OpenAI's own host or by `compat`. */
const STRICT: Partial<Quirks> = { isStrict: true, jsonWord: true, callIds: "short" };

/** THE TABLE of hosts that differ from the common server. A subdomain is matched too. */
const HOST_QUIRKS: readonly (readonly [string, Partial<Quirks>])[] = [
  // https://platform.openai.com/docs/api-reference/chat/create
  ["api.openai.com", {
    ...STRICT,
    maxTokensField: "max_completion_tokens",
    developerRole: true,
  }],
  // https://openrouter.ai/docs/features/prompt-caching
  ["openrouter.ai", { cacheControl: true }],
  // https://api-docs.deepseek.com/guides/chat_prefix_completion;
  // https://api-docs.deepseek.com/guides/json_mode: no schema, and the prompt must say "json";
  // https://api-docs.deepseek.com/guides/thinking_mode: reasoning of turns with calls must come back
  ["api.deepseek.com", {
    maxTokensField: "max_tokens",
    jsonSchema: false,
    jsonWord: true,
    reasoningHistory: true,
    prefix: true,
  }],
  // https://docs.mistral.ai/api, https://mistralai.github.io/mistral-common/usage/tools/: ids of calls
  ["api.mistral.ai", {
    maxTokensField: "max_tokens",
    callIds: "nine",
    seedField: "random_seed",
    prefix: true,
  }],
  // https://console.groq.com/docs/openai
  ["api.groq.com", {
    messageNames: false,
    refused: ["logprobs", "top_logprobs", "logit_bias"],
  }],
  // https://ai.google.dev/gemini-api/docs/thought-signatures
  ["generativelanguage.googleapis.com", { signsCalls: true }],
];

/**
 * OpenAI's reasoning models, wherever they are served: they take `max_completion_tokens` only and no
 * sampling parameters (https://platform.openai.com/docs/guides/reasoning). Their `-chat` variants do.
 */
const REASONING_MODEL = /(?:^|\/)(?:o[134](?:-|$)|gpt-[56](?!\d)(?!.*-chat))/;

/** Those that refuse `stop` too: https://platform.openai.com/docs/api-reference/chat/create. */
const UNSTOPPABLE_MODEL = /(?:^|\/)(?:o[34](?:-|$)|gpt-[56](?!\d)(?!.*-chat))/;

/** Those that refuse `parallel_tool_calls`: https://github.com/evalstate/fast-agent/issues/279. */
const SERIAL_MODEL = /(?:^|\/)o[134](?:-|$)/;

/** What the server takes for this model: `compat` wins over the model, the model over the host. */
export function quirksOf(provider: Provider, model: Model): Quirks {
  const host = new URL(provider.baseUrl).hostname;
  const ofHost = HOST_QUIRKS.find(([name]) => host === name || host.endsWith(`.${name}`))?.[1];
  const strictness = strictnessOf(provider.compat);
  const base = { ...COMMON, ...ofHost, ...strictness, ...quirksOfModel(model) };
  return setFlags(provider.compat, base);
}

function strictnessOf({ strict }: CompatFlags): Partial<Quirks> {
  if (strict === undefined) return {};
  return strict ? STRICT : { isStrict: false, jsonWord: false, callIds: "any" };
}

function quirksOfModel({ modelId }: Model): Partial<Quirks> {
  return {
    ...(SERIAL_MODEL.test(modelId) ? { refused: ["parallel_tool_calls"] } : {}),
    ...(REASONING_MODEL.test(modelId)
      ? { maxTokensField: "max_completion_tokens", fixedSampling: true }
      : {}),
    ...(UNSTOPPABLE_MODEL.test(modelId) ? { stop: false } : {}),
  };
}

function setFlags(compat: CompatFlags, base: Quirks): Quirks {
  return {
    ...base,
    maxTokensField: compat.maxTokensField ?? base.maxTokensField,
    developerRole: compat.developerRole ?? base.developerRole,
    streamUsage: compat.streamUsage ?? base.streamUsage,
    reasoningHistory: compat.reasoningHistory ?? base.reasoningHistory,
    cacheControl: compat.cacheControl ?? base.cacheControl,
    jsonSchema: compat.jsonSchema ?? base.jsonSchema,
    fixedSampling: compat.fixedSampling ?? base.fixedSampling,
  };
}
