/** How servers of the OpenAI dialect differ: by vendor, by model, and by the user's `compat` flags. */

import type { Model } from "../core/catalog.ts";
import {
  type CompatFlags,
  OPENAI_VENDORS,
  type OpenaiVendor,
  type Provider,
} from "../core/provider.ts";

/** What one server takes. */
export interface Quirks {
  /** The name of the output limit; null: whichever the client sent. */
  readonly maxTokensField: "max_tokens" | "max_completion_tokens" | null;
  /** Whether it knows the role `developer`. */
  readonly developerRole: boolean;
  /** Whether it takes `stream_options`. */
  readonly streamUsage: boolean;
  /**
   * Which reasoning of earlier answers it gets back: none, this model's own beside its tool calls, or
   * all. Servers that don't know the field leave it unread, but for those with a list of known keys.
   */
  readonly reasoningHistory: "none" | "calls" | "all";
  /** Stands for the reasoning that a message with tool calls must have; null: none is needed. */
  readonly reasoningFiller: string | null;
  /** Whether it takes its own `reasoning_details`, whoever brings them. */
  readonly details: boolean;
  /** The formats of `reasoning_details` that are this model's vendor's own. */
  readonly detailFormats: readonly string[];
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
  /** Whether a call may have `extra_content`, whoever brings it. */
  readonly callExtras: boolean;
  /** Which messages it takes `name` in: any, the results of tools, or none. */
  readonly messageNames: "any" | "results" | "none";
  /** Whether it refuses keys of messages that it does not know. */
  readonly messageKeys: "any" | "known";
  /** Whether it takes empty text beside calls. */
  readonly emptyText: boolean;
  /** Whether it refuses a message because of the role before it. */
  readonly ordersRoles: boolean;
  /** Whether it takes the annotations of its own answers back. */
  readonly annotations: boolean;
  /** Whether it takes `prefix` in a last assistant message, which it then goes on with. */
  readonly prefix: boolean;
  /** Top-level fields of OpenAI's that it refuses. */
  readonly refused: readonly string[];
}

const COMMON: Quirks = {
  maxTokensField: null,
  developerRole: false, // many servers refuse it, and all take `system`
  streamUsage: true,
  reasoningHistory: "calls",
  reasoningFiller: null,
  details: false,
  detailFormats: [],
  cacheControl: false,
  isStrict: false,
  jsonSchema: true,
  jsonWord: false,
  fixedSampling: false,
  stop: true,
  callIds: "any",
  signsCalls: false,
  seedField: "seed",
  callExtras: false,
  messageNames: "any",
  messageKeys: "any",
  emptyText: true,
  ordersRoles: false,
  annotations: false,
  prefix: false, // refused by some, and unknown to most
  refused: [],
};

/** What comes with strictness, on OpenAI's own host or by `compat`. */
const STRICT: Partial<Quirks> = {
  isStrict: true,
  jsonWord: true,
  callIds: "short",
  maxTokensField: "max_completion_tokens",
  developerRole: true,
};

/** Servers that refuse what they don't know in messages. */
const KNOWN_KEYS: Partial<Quirks> = { messageKeys: "known", reasoningHistory: "none" };

/** A vendor's hosts, subdomains too, and what its servers take. */
interface VendorQuirks {
  readonly hosts: readonly string[];
  readonly quirks: Partial<Quirks>;
}

/** THE TABLE of vendors whose servers differ from the common one. */
const VENDOR_QUIRKS: Readonly<Record<OpenaiVendor, VendorQuirks>> = {
  // https://platform.openai.com/docs/api-reference/chat/create
  openai: { hosts: ["api.openai.com"], quirks: STRICT },
  // https://openrouter.ai/docs/features/prompt-caching;
  // https://openrouter.ai/docs/features/multimodal/pdfs: annotations save parsing a file again
  openrouter: {
    hosts: ["openrouter.ai"],
    quirks: { cacheControl: true, details: true, annotations: true },
  },
  // https://api-docs.deepseek.com/guides/chat_prefix_completion;
  // https://api-docs.deepseek.com/guides/json_mode: no schema, and the prompt must say "json";
  // https://api-docs.deepseek.com/guides/thinking_mode: reasoning of turns with calls must come back
  deepseek: {
    hosts: ["api.deepseek.com"],
    quirks: {
      maxTokensField: "max_tokens",
      jsonSchema: false,
      jsonWord: true,
      reasoningHistory: "all",
      reasoningFiller: "",
      prefix: true,
    },
  },
  // https://platform.moonshot.ai/docs/guide/use-kimi-k2-thinking-model. An empty filler is no
  // reasoning to it (https://github.com/earendil-works/pi/issues/4251), and empty text beside calls
  // an error (https://github.com/anomalyco/opencode/issues/46577)
  moonshot: {
    hosts: ["api.moonshot.ai", "api.moonshot.cn", "api.kimi.com"],
    quirks: { reasoningHistory: "all", reasoningFiller: ".", emptyText: false },
  },
  // https://docs.mistral.ai/api, https://mistralai.github.io/mistral-common/usage/tools/: ids of calls;
  // https://github.com/mistralai/mistral-common: the order of roles, which its validator checks
  mistral: {
    hosts: ["api.mistral.ai"],
    quirks: {
      ...KNOWN_KEYS,
      messageNames: "results",
      ordersRoles: true,
      maxTokensField: "max_tokens",
      callIds: "nine",
      seedField: "random_seed",
      prefix: true,
    },
  },
  // https://console.groq.com/docs/openai
  groq: {
    hosts: ["api.groq.com"],
    quirks: {
      ...KNOWN_KEYS,
      messageNames: "none",
      refused: ["logprobs", "top_logprobs", "logit_bias"],
    },
  },
  // https://github.com/Kilo-Org/kilocode/issues/10375: reasoning in a message is refused
  cerebras: { hosts: ["api.cerebras.ai"], quirks: KNOWN_KEYS },
  // https://ai.google.dev/gemini-api/docs/thought-signatures
  google: {
    hosts: ["generativelanguage.googleapis.com"],
    quirks: { signsCalls: true, callExtras: true, reasoningHistory: "none" },
  },
  other: { hosts: [], quirks: {} },
};

/**
 * THE TABLE of `reasoning_details` that vendors sign, by the start of a model's id at OpenRouter
 * (https://openrouter.ai/docs/use-cases/reasoning-tokens). Those of another vendor are refused:
 * https://github.com/tailcallhq/forgecode/pull/2363.
 */
const DETAIL_FORMATS: readonly (readonly [string, readonly string[]])[] = [
  ["anthropic/", ["anthropic-claude-v1"]],
  ["google/", ["google-gemini-v1"]],
  ["openai/", ["openai-responses-v1", "azure-openai-responses-v1"]],
  ["x-ai/", ["xai-responses-v1"]],
];

/** Google's models, wherever they are served: their calls are signed in `extra_content`. */
const GEMINI = /gemini/i;

/**
 * OpenAI's reasoning models, wherever they are served: they take `max_completion_tokens` only and no
 * sampling parameters (https://platform.openai.com/docs/guides/reasoning). Their `-chat` variants do.
 */
const REASONING_MODEL = /(?:^|\/)(?:o[134](?:-|$)|gpt-[56](?!\d)(?!.*-chat))/;

/** Those that refuse `stop` too: https://platform.openai.com/docs/api-reference/chat/create. */
const UNSTOPPABLE_MODEL = /(?:^|\/)(?:o[34](?:-|$)|gpt-[56](?!\d)(?!.*-chat))/;

/** Those that refuse `parallel_tool_calls`: https://github.com/evalstate/fast-agent/issues/279. */
const SERIAL_MODEL = /(?:^|\/)o[134](?:-|$)/;

/** What the server takes for this model: `compat` wins over the model, the model over the vendor. */
export function quirksOf(provider: Provider, model: Model): Quirks {
  const { compat } = provider;
  const ofVendor = VENDOR_QUIRKS[compat.vendor ?? findVendor(provider.baseUrl)].quirks;
  const ofModel = quirksOfModel(model);
  const refused = [
    ...(ofVendor.refused ?? []),
    ...(ofModel.refused ?? []),
    ...(compat.refusedFields ?? []),
  ];
  const base = { ...COMMON, ...ofVendor, ...strictnessOf(compat), ...ofModel, refused };
  return setFlags(compat, base);
}

function findVendor(baseUrl: string): OpenaiVendor {
  const host = new URL(baseUrl).hostname;
  const isOf = (name: string) => host === name || host.endsWith(`.${name}`);
  return OPENAI_VENDORS.find((vendor) => VENDOR_QUIRKS[vendor].hosts.some(isOf)) ?? "other";
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
    ...(GEMINI.test(modelId) ? { callExtras: true } : {}),
    detailFormats: DETAIL_FORMATS.find(([start]) => modelId.startsWith(start))?.[1] ?? [],
  };
}

/** What the user says of reasoning: a server that takes none needs no filler. */
function historyOf({ reasoningHistory }: CompatFlags): Partial<Quirks> {
  if (reasoningHistory === undefined) return {};
  return reasoningHistory
    ? { reasoningHistory: "all" }
    : { reasoningHistory: "none", reasoningFiller: null };
}

function setFlags(compat: CompatFlags, base: Quirks): Quirks {
  return {
    ...base,
    maxTokensField: compat.maxTokensField ?? base.maxTokensField,
    developerRole: compat.developerRole ?? base.developerRole,
    streamUsage: compat.streamUsage ?? base.streamUsage,
    ...historyOf(compat),
    cacheControl: compat.cacheControl ?? base.cacheControl,
    jsonSchema: compat.jsonSchema ?? base.jsonSchema,
    fixedSampling: compat.fixedSampling ?? base.fixedSampling,
    stop: compat.stop ?? base.stop,
    callIds: compat.callIds ?? base.callIds,
    prefix: compat.prefix ?? base.prefix,
  };
}
