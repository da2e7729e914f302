/** What an error of the OpenAI dialect is, in the many ways in which its vendors say it. */

import { type FaultKind, faultKindOfStatus } from "../core/outcome.ts";
import { DAILY_QUOTA, type ErrorSigns, FLAGGED } from "./openai_error_signs.ts";

/** The kind: by the machine's words, else by status, by its sentence where it has neither. */
export function kindOfError(signs: ErrorSigns): FaultKind {
  for (const word of signs.words) {
    const kind = WORD_KINDS.get(word);
    if (kind !== undefined) return isTooLarge(kind, signs) ? "too_large" : kind;
  }
  const kind = kindOfStatus(signs.status);
  if (isTooLarge(kind, signs)) return "too_large";
  return TEXT_RULES.find((rule) => rule.of.has(kind) && rule.pattern.test(signs.text))?.kind ??
    kind;
}

/**
 * A request that alone exceeds what the account may send in a minute can never succeed there, but
 * has the code of a rate limit: `Request too large for gpt-4o … on tokens per min (TPM)`.
 */
function isTooLarge(kind: FaultKind, { status, text }: ErrorSigns): boolean {
  return kind === "rate_limit" && (status === 413 || /^request too large\b/i.test(text));
}

function kindOfStatus(status: number | null): FaultKind {
  if (status === null || status < 400) return "server_error";
  return STATUS_KINDS.get(status) ?? faultKindOfStatus(status);
}

/** What statuses mean in this dialect alone. */
const STATUS_KINDS: ReadonlyMap<number, FaultKind> = new Map<number, FaultKind>([
  [409, "server_error"], // a conflict of the vendor's own, which its SDK repeats
  [498, "overloaded"], // https://console.groq.com/docs/errors
  [501, "unsupported"], // llama.cpp
]);

/**
 * THE TABLE of machine words, in lower case: `error.code`, `error.type`, `error.status` and their
 * likes. What says no more than the status does (`invalid_request_error`, `server_error`) is not here.
 */
const WORD_KINDS: ReadonlyMap<string, FaultKind> = new Map<string, FaultKind>([
  // https://platform.openai.com/docs/guides/error-codes
  ["context_length_exceeded", "context_overflow"],
  ["insufficient_quota", "quota"],
  ["billing_hard_limit_reached", "quota"],
  ["billing_not_active", "quota"],
  ["credit_balance_exhausted", "quota"],
  ["organization_spend_limit_exceeded", "quota"],
  ["project_spend_limit_exceeded", "quota"],
  ["organization_usage_limit_exceeded", "quota"],
  ["rate_limit_exceeded", "rate_limit"],
  ["rate_limit_error", "rate_limit"],
  ["invalid_api_key", "auth"],
  ["account_deactivated", "auth"],
  ["unsupported_country_region_territory", "permission"],
  ["model_not_found", "not_found"],
  ["content_policy_violation", "content_filter"],
  ["moderation_blocked", "content_filter"],
  ["engine_overloaded", "overloaded"],
  ["server_is_overloaded", "overloaded"],
  ["service_unavailable_error", "overloaded"],
  // Azure: https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter
  ["content_filter", "content_filter"],
  ["responsibleaipolicyviolation", "content_filter"],
  ["deploymentnotfound", "not_found"],
  ["nocapacity", "overloaded"],
  // Google: https://ai.google.dev/gemini-api/docs/troubleshooting, https://aip.dev/193
  [DAILY_QUOTA, "quota"],
  ["billing_disabled", "quota"],
  ["api_key_invalid", "auth"],
  ["unauthenticated", "auth"],
  ["failed_precondition", "permission"], // not to be had in this country, or without billing
  // OpenRouter: https://openrouter.ai/docs/api/reference/errors-and-debugging
  [FLAGGED, "content_filter"],
  ["refusal", "content_filter"],
  ["openrouter_in_flight_budget", "rate_limit"], // a 402 that passes
  ["openrouter_guardrail_budget", "quota"],
  ["openrouter_workspace_budget", "quota"],
  ["openrouter_key_limit", "quota"],
  ["payment_required", "quota"],
  ["authentication", "auth"],
  ["permission_denied", "permission"],
  ["not_found", "not_found"],
  ["provider_overloaded", "overloaded"],
  ["provider_unavailable", "server_error"],
  ["timeout", "server_error"],
  ["payload_too_large", "too_large"],
  // llama.cpp: https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
  ["exceed_context_size_error", "context_overflow"],
  ["authentication_error", "auth"],
  ["permission_error", "permission"],
  ["not_found_error", "not_found"],
  ["not_supported_error", "unsupported"],
  ["unavailable_error", "overloaded"], // the model is still being loaded
  // Mistral: https://docs.mistral.ai/resources/error-glossary
  ["rate_limited", "rate_limit"],
  ["service_tier_capacity_exceeded", "overloaded"],
  // LiteLLM: https://docs.litellm.ai/docs/exception_mapping
  ["budget_exceeded", "quota"],
  ["throttling_error", "rate_limit"],
  // Others
  ["exceeded_current_quota_error", "quota"], // Moonshot
  ["engine_overloaded_error", "overloaded"], // Moonshot
  ["rate_limit_reached_error", "rate_limit"], // Moonshot
  ["model_max_prompt_tokens_exceeded", "context_overflow"], // GitHub Copilot
  ["request_too_large", "too_large"],
  ["overloaded_error", "overloaded"], // what speaks of Anthropic
]);

/** What a sentence means where the words and the status say no more than these kinds. */
interface TextRule {
  readonly kind: FaultKind;
  readonly of: ReadonlySet<FaultKind>;
  readonly pattern: RegExp;
}

/** THE TABLE of sentences, of servers that have no words for these things; the first match wins. */
const TEXT_RULES: readonly TextRule[] = [
  {
    kind: "context_overflow",
    of: new Set(["bad_request", "too_large", "server_error", "permission"]),
    pattern: anyOf([
      "maximum context length", // vLLM, DeepSeek, Together, Mistral
      "maximum model length", // vLLM
      "max_tokens must be at least 1, got -", // vLLM before 0.8
      "context (?:length|window|size) (?:of|is|was|has|exceed(?:ed|s)|limit)",
      "exceeds? (?:the )?(?:available |model'?s? )?(?:maximum )?context",
      "than the context length", // LM Studio
      "context the overflows", // LM Studio
      "exceeds the maximum number of tokens", // Gemini
      "maximum prompt length is", // xAI
      "`inputs` tokens \\+ `max_new_tokens` must be", // Together, TGI
      "tokens in the prompt cannot exceed", // Cohere
      "exceeded model token limit", // Moonshot
      "range of input length should be", // DashScope
      "prompt exceeds max length", // Z.ai
      "(?:prompt|input) is too long", // Fireworks, Bedrock, gateways to Anthropic
      "ContextWindowExceededError", // LiteLLM
    ]),
  },
  {
    kind: "quota",
    of: new Set(["rate_limit", "permission", "bad_request"]),
    pattern: anyOf([
      "used all available credits", // xAI
      "(?:have|has) run out of credits", // xAI
      "doesn't have any credits", // xAI
      "insufficient (?:balance|credits?|funds)", // Z.ai, gateways
      "credit balance is too low", // gateways to Anthropic
      "reaching the monthly spending limit", // Fireworks
      "budget has been exceeded", // LiteLLM
      "(?:hourly|session|daily|weekly|monthly) usage limit", // Ollama's cloud
    ]),
  },
  {
    kind: "content_filter",
    of: new Set(["bad_request", "permission", "server_error"]),
    pattern: anyOf([
      "flagged as potentially violating", // OpenAI, with code invalid_prompt
      "content management policy", // gateways to Azure
      "content filtering policy", // gateways to Anthropic
      "ContentPolicyViolationError", // LiteLLM
    ]),
  },
  // Another model can answer these, so they are no fault of the request.
  {
    kind: "unsupported",
    of: new Set(["bad_request", "not_found", "server_error"]),
    pattern: anyOf([
      "does not support (?:tools|images|chat)\\b", // Ollama
      "no endpoints found that support", // OpenRouter
      "image input is not supported", // llama.cpp
      "requires --jinja flag", // llama.cpp
    ]),
  },
];

function anyOf(patterns: readonly string[]): RegExp {
  return new RegExp(patterns.join("|"), "i");
}
