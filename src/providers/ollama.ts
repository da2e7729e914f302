/**
 * The Ollama dialect: its native `POST /api/chat`, because the OpenAI-compatible one can't size
 * the context window. Reference: https://docs.ollama.com/api/chat
 */

import type { ChatRequest as OllamaChatRequest } from "ollama";
import type { UpstreamFault } from "../core/outcome.ts";
import { endpointRoot } from "../core/provider.ts";
import type { Adapter, UpstreamCall, UpstreamRequest } from "./adapter.ts";
import { bearerHeaders } from "./bearer.ts";
import { modernizeRequest } from "./legacy_request.ts";
import { decodeAnswer } from "./ollama_answer.ts";
import {
  listDroppedFields,
  listDroppedMessageFields,
  listDroppedToolFields,
} from "./ollama_dropped.ts";
import { decodeError } from "./ollama_error.ts";
import { modelList } from "./ollama_list.ts";
import { loadedModels } from "./ollama_loaded.ts";
import { encodeFormat, encodeThink, listDroppedFormats } from "./ollama_format.ts";
import { encodeMessages, findUnsupportedPart } from "./ollama_message.ts";
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
  cacheWarmMsOf: ({ keepAlive }) => readKeepAliveMs(keepAlive ?? undefined),
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
  const { chosen, tools, dropped: droppedTools } = encodeTools(request);
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
      ...listDroppedFields(source.request),
      ...droppedTools,
      ...listDroppedToolFields(chosen),
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
    ...bearerHeaders(provider),
  };
}

function encodeLogprobs(
  { request }: UpstreamCall,
): { readonly logprobs?: boolean; readonly "top_logprobs"?: number } {
  if (request.logprobs !== true) return {};
  const top = request["top_logprobs"];
  return typeof top === "number" ? { "logprobs": true, "top_logprobs": top } : { "logprobs": true };
}
