/**
 * The Ollama dialect: its native `POST /api/chat`, because the OpenAI-compatible one can't size
 * the context window. Reference: https://docs.ollama.com/api/chat
 */

import type { ChatRequest as OllamaChatRequest } from "ollama";
import type { JsonObject } from "../core/json.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import { endpointRoot } from "../core/provider.ts";
import { REASONING_FIELDS } from "../core/reasoning.ts";
import type { Adapter, UpstreamCall, UpstreamRequest } from "./adapter.ts";
import { modernizeRequest } from "./legacy_request.ts";
import { decodeAnswer } from "./ollama_answer.ts";
import { decodeError } from "./ollama_error.ts";
import { modelList } from "./ollama_list.ts";
import { loadedModels } from "./ollama_loaded.ts";
import { encodeFormat, encodeThink, listDroppedFormats } from "./ollama_format.ts";
import { encodeMessages, findUnsupportedPart, listDroppedMessageFields } from "./ollama_message.ts";
import { encodeKeepAlive, readKeepAliveMs } from "./ollama_keep_alive.ts";
import {
  encodeOptions,
  findOverflow,
  listDroppedOptions,
  windowOfOptions,
} from "./ollama_option.ts";
import { createDecoder } from "./ollama_stream.ts";
import { doubtQuery } from "./ollama_version.ts";
import { encodeTools } from "./ollama_tool.ts";

/** The Ollama dialect. */
export const ollama: Adapter = {
  kind: "ollama",
  framing: "ndjson",
  // https://docs.ollama.com/api/openai-compatibility
  openaiRoot: (provider) => endpointRoot(provider).replace(/\/api$/, "/v1"),
  loadedModels,
  modelList,
  doubtQuery,
  encodeRequest,
  decodeAnswer,
  createDecoder,
  decodeError,
};

function encodeRequest(source: UpstreamCall): UpstreamRequest {
  const request = modernizeRequest(source.request);
  const call = { ...source, request };
  const fault = findRefusal(call);
  if (fault !== null) return { type: "refused", fault };
  const { tools, dropped: droppedTools } = encodeTools(request);
  const options = encodeOptions(call);
  const keepAlive = encodeKeepAlive(call);
  const window = windowOfOptions(options);
  const known = {
    "model": call.model.modelId,
    "messages": encodeMessages(call),
    "stream": call.stream,
    "options": options,
    ...(tools.length === 0 ? {} : { "tools": tools }),
    ...encodeFormat(request),
    ...encodeThink(call),
    ...keepAlive,
    ...encodeLogprobs(call),
  } satisfies OllamaWire<Omit<OllamaChatRequest, "think">>;
  return {
    type: "request",
    url: `${endpointRoot(call.provider)}/chat`,
    headers: encodeHeaders(call),
    // Left out, both mean yes: the server would cut the prompt's start, or forget it while it
    // answers, and say nothing. With no, it answers 400, or ends with done_reason "length".
    body: { ...known, "truncate": false, "shift": false },
    dropped: [
      ...listDroppedFields(request),
      ...droppedTools,
      ...listDroppedFormats(call),
      ...listDroppedOptions(request),
      ...listDroppedMessageFields(request.messages),
    ],
    ...(window === null ? {} : { window }),
    keepAliveMs: readKeepAliveMs(keepAlive["keep_alive"]),
  };
}

/** The vendor's own type, as something that is only read. */
type OllamaWire<T> = T extends readonly (infer Item)[] ? readonly OllamaWire<Item>[]
  : T extends object ? { readonly [Key in keyof T]: OllamaWire<T[Key]> }
  : T;

function findRefusal(call: UpstreamCall): UpstreamFault | null {
  const { n } = call.request;
  if (typeof n === "number" && n > 1) {
    return {
      kind: "unsupported",
      status: null,
      message: `Ollama gives one answer a request, not ${n}; ` +
        "send n = 1, or choose a model of another provider.",
      param: "n",
    };
  }
  return findUnsupportedPart(call.request.messages) ?? findOverflow(call);
}

function encodeHeaders({ provider, stream }: UpstreamCall): Record<string, string> {
  return {
    "content-type": "application/json",
    "accept": stream ? "application/x-ndjson" : "application/json",
    ...(provider.apiKey === null ? {} : { "authorization": `Bearer ${provider.apiKey.reveal()}` }),
  };
}

function encodeLogprobs(
  { request }: UpstreamCall,
): { readonly logprobs?: boolean; readonly "top_logprobs"?: number } {
  if (request.logprobs !== true) return {};
  const top = request["top_logprobs"];
  return typeof top === "number" ? { "logprobs": true, "top_logprobs": top } : { "logprobs": true };
}

/** Names the top-level fields that the client set to something and Ollama has no word for. */
function listDroppedFields(request: JsonObject): readonly string[] {
  return Object.entries(request)
    .filter(([name, value]) => value !== undefined && value !== null && !isNeutral(name, value))
    .map(([name]) => name);
}

function isNeutral(name: string, value: unknown): boolean {
  return TRANSLATED_FIELDS.has(name) || REASONING_FIELDS.includes(name) ||
    NEUTRAL_VALUES.get(name) === JSON.stringify(value);
}

/** Fields that are translated, or that only concern the client and pirouter. */
const TRANSLATED_FIELDS: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "stream",
  "stream_options",
  "tools",
  "tool_choice",
  "functions",
  "function_call",
  "response_format",
  "max_tokens",
  "max_completion_tokens",
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "typical_p",
  "repeat_penalty",
  "repeat_last_n",
  "frequency_penalty",
  "presence_penalty",
  "stop",
  "seed",
  "n",
  "logprobs",
  "top_logprobs",
  "keep_alive",
  "options",
]);

/** Values that ask for what Ollama does anyway, as JSON text. */
const NEUTRAL_VALUES: ReadonlyMap<string, string> = new Map([
  ["parallel_tool_calls", "true"],
  ["store", "false"],
  ["metadata", "{}"],
  ["logit_bias", "{}"],
  ["modalities", '["text"]'],
  ["service_tier", '"auto"'],
]);
