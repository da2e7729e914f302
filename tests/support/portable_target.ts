/** The models that a conversation must be able to go on with, and what their vendors refuse. */

import type { Model } from "../../src/core/catalog.ts";
import type { ChatRequest } from "../../src/core/chat.ts";
import { arrayAt, type JsonObject, stringAt } from "../../src/core/json.ts";
import {
  type CompatFlags,
  type Provider,
  PROVIDER_KINDS,
  type ProviderKind,
} from "../../src/core/provider.ts";
import type { UpstreamRequest } from "../../src/providers/adapter.ts";
import { ADAPTERS } from "../../src/providers/mod.ts";
import { findAnthropicFaults } from "./anthropic_validator.ts";
import { findLooseProblem } from "./loose_openai_validator.ts";
import { buildModel } from "./models.ts";
import { checkOllamaRequest } from "./ollama_validator.ts";
import { findProblem } from "./openai_validator.ts";
import { rememberAll } from "./remembered_answer.ts";

/** A model at a vendor. */
export interface Target {
  readonly name: string;
  readonly kind: ProviderKind;
  readonly baseUrl: string;
  readonly modelId: string;
  readonly compat?: CompatFlags;
  readonly findFaults: (body: JsonObject) => readonly string[];
}

const STRICT_OPENAI = {
  kind: "openai",
  baseUrl: "https://api.openai.com",
  findFaults: (body: JsonObject) => [findProblem(body)].filter((problem) => problem !== null),
} as const;

const LOOSE_OPENAI = {
  kind: "openai",
  findFaults: (body: JsonObject) => [findLooseProblem(body)].filter((problem) => problem !== null),
} as const;

const ANTHROPIC = {
  kind: "anthropic",
  baseUrl: "https://api.anthropic.com",
  findFaults: findAnthropicFaults,
} as const;

/** THE TABLE of targets. */
export const TARGETS: readonly Target[] = [
  { name: "OpenAI's gpt-4o", ...STRICT_OPENAI, modelId: "gpt-4o" },
  { name: "OpenAI's gpt-5.5", ...STRICT_OPENAI, modelId: "gpt-5.5" },
  {
    name: "a server of the OpenAI dialect",
    ...LOOSE_OPENAI,
    baseUrl: "http://10.0.0.5:8000/v1",
    modelId: "qwen3-32b",
  },
  {
    name: "OpenRouter",
    ...LOOSE_OPENAI,
    baseUrl: "https://openrouter.ai/api/v1",
    modelId: "google/gemini-3-pro",
    findFaults: (body) => [findLooseProblem(body, true)].filter((problem) => problem !== null),
  },
  {
    name: "DeepSeek",
    ...LOOSE_OPENAI,
    baseUrl: "https://api.deepseek.com",
    modelId: "deepseek-reasoner",
  },
  {
    name: "Mistral",
    ...LOOSE_OPENAI,
    baseUrl: "https://api.mistral.ai",
    modelId: "mistral-large-latest",
    findFaults: (body) => [...LOOSE_OPENAI.findFaults(body), ...findMistralFaults(body)],
  },
  {
    name: "Groq",
    ...LOOSE_OPENAI,
    baseUrl: "https://api.groq.com/openai/v1",
    modelId: "openai/gpt-oss-120b",
  },
  {
    name: "Kimi",
    ...LOOSE_OPENAI,
    baseUrl: "https://api.moonshot.ai/v1",
    modelId: "kimi-k2-thinking",
    findFaults: (body) => [...LOOSE_OPENAI.findFaults(body), ...findKimiFaults(body)],
  },
  { name: "claude-3-5-haiku", ...ANTHROPIC, modelId: "claude-3-5-haiku-20241022" },
  { name: "claude-haiku-4-5", ...ANTHROPIC, modelId: "claude-haiku-4-5" },
  { name: "claude-sonnet-4-6", ...ANTHROPIC, modelId: "claude-sonnet-4-6" },
  { name: "claude-opus-5-5", ...ANTHROPIC, modelId: "claude-opus-5-5" },
  {
    name: "Ollama",
    kind: "ollama",
    baseUrl: "http://127.0.0.1:11434",
    modelId: "qwen3:8b",
    findFaults: checkOllamaRequest,
  },
];

/** https://github.com/mistralai/mistral-common: who may speak after whom, and ids of nine characters. */
function findMistralFaults(body: JsonObject): readonly string[] {
  const messages = arrayAt(body, "messages");
  return messages.flatMap((message, index) => {
    const [role, before] = [message, messages[index - 1]].map((each) => stringAt(each, "role"));
    const ids = arrayAt(message, "tool_calls").map((call) => stringAt(call, "id") ?? "");
    return [
      ...(before === "tool" && role !== "tool" && role !== "assistant"
        ? [`Unexpected role '${role}' after role 'tool'`]
        : []),
      ...ids.filter((id) => !/^[A-Za-z0-9]{9}$/.test(id)).map((id) => `bad id ${id}`),
    ];
  });
}

/** https://platform.moonshot.ai/docs/guide/use-kimi-k2-thinking-model */
function findKimiFaults(body: JsonObject): readonly string[] {
  return arrayAt(body, "messages").flatMap((message) =>
    arrayAt(message, "tool_calls").length > 0 &&
      (stringAt(message, "reasoning_content") ?? "") === ""
      ? ["reasoning_content is missing in assistant tool call message"]
      : []
  );
}

/** Puts a request into the target's dialect, as JSON carries it; `vault` holds what it is told to. */
export function encodeFor(
  target: Target,
  request: ChatRequest,
  vault: "empty" | "full" = "empty",
): UpstreamRequest {
  const model = modelOf(target);
  const encoded = ADAPTERS[target.kind].encodeRequest({
    request,
    model,
    provider: providerOf(target),
    stream: request.stream === true,
    inputTokens: 1000,
    refusedFields: new Set(),
    recall: vault === "empty" ? () => null : rememberAll(target, { request, model }),
    loadedWindow: null,
  });
  if (encoded.type === "refused") return encoded;
  return { ...encoded, body: JSON.parse(JSON.stringify(encoded.body)) };
}

function modelOf({ modelId }: Target): Model {
  return buildModel({ alias: "target", modelId, provider: "p", contextWindow: 200_000 });
}

function providerOf({ kind, baseUrl, compat = {} }: Target): Provider {
  return {
    id: "p",
    kind,
    baseUrl,
    apiKey: null,
    connectTimeoutMs: 1,
    requestTimeoutMs: 1,
    firstTokenTimeoutMs: PROVIDER_KINDS[kind].firstTokenTimeoutMs,
    isFirstTokenFixed: false,
    idleTimeoutMs: 1,
    maxConcurrency: null,
    promptCache: true,
    keepAlive: null,
    discover: false,
    compat,
  };
}
