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
  /** Whether it refuses what OpenAI's own reference does not name, and tool ids beyond 40 characters. */
  readonly isStrict: boolean;
  /** Whether it takes a JSON schema as `response_format`; else JSON mode alone. */
  readonly jsonSchema: boolean;
  /** Whether the model refuses `temperature` and `top_p`. */
  readonly fixedSampling: boolean;
}

const COMMON: Quirks = {
  maxTokensField: null,
  developerRole: false, // many servers refuse it, and all take `system`
  streamUsage: true,
  reasoningHistory: false,
  cacheControl: false,
  isStrict: false,
  jsonSchema: true,
  fixedSampling: false,
};

/** THE TABLE of hosts that differ from the common server. A subdomain is matched too. */
const HOST_QUIRKS: readonly (readonly [string, Partial<Quirks>])[] = [
  ["api.openai.com", {
    maxTokensField: "max_completion_tokens",
    developerRole: true,
    isStrict: true,
  }],
  ["openrouter.ai", { cacheControl: true }],
  ["api.deepseek.com", { maxTokensField: "max_tokens" }],
  ["api.mistral.ai", { maxTokensField: "max_tokens" }],
];

/**
 * OpenAI's reasoning models, wherever they are served: they take `max_completion_tokens` only and no
 * sampling parameters (https://platform.openai.com/docs/guides/reasoning). Their `-chat` variants do.
 */
const REASONING_MODEL = /(?:^|\/)(?:o[134](?:-|$)|gpt-[56](?!\d)(?!.*-chat))/;

/** What the server takes for this model: `compat` wins over the model, the model over the host. */
export function quirksOf(provider: Provider, model: Model): Quirks {
  const host = new URL(provider.baseUrl).hostname;
  const ofHost = HOST_QUIRKS.find(([name]) => host === name || host.endsWith(`.${name}`))?.[1];
  return setFlags(provider.compat, { ...COMMON, ...ofHost, ...quirksOfModel(model) });
}

function quirksOfModel(model: Model): Partial<Quirks> {
  return REASONING_MODEL.test(model.modelId)
    ? { maxTokensField: "max_completion_tokens", fixedSampling: true }
    : {};
}

function setFlags(compat: CompatFlags, base: Quirks): Quirks {
  return {
    maxTokensField: compat.maxTokensField ?? base.maxTokensField,
    developerRole: compat.developerRole ?? base.developerRole,
    streamUsage: compat.streamUsage ?? base.streamUsage,
    reasoningHistory: compat.reasoningHistory ?? base.reasoningHistory,
    cacheControl: compat.cacheControl ?? base.cacheControl,
    isStrict: compat.strict ?? base.isStrict,
    jsonSchema: compat.jsonSchema ?? base.jsonSchema,
    fixedSampling: compat.fixedSampling ?? base.fixedSampling,
  };
}
