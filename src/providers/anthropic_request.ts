/** OpenAI's request as a request of Anthropic's Messages API. */

import type Anthropic from "@anthropic-ai/sdk";
import { type ChatRequest, requestedOutputTokens } from "../core/chat.ts";
import { arrayAt, isJsonObject, type JsonObject } from "../core/json.ts";
import { endpointRoot } from "../core/provider.ts";
import { ESTIMATE_MARGIN } from "../core/tokens.ts";
import type { AnswerContext, UpstreamCall, UpstreamRequest } from "./adapter.ts";
import { readCacheMark, textBlock } from "./anthropic_block.ts";
import { addCacheMarks, limitCacheMarks, type MarkedParts } from "./anthropic_cache.ts";
import { modernizeRequest } from "./legacy_request.ts";
import { encodeConversation, withoutThinking } from "./anthropic_messages.ts";
import { EncodingNotes } from "./anthropic_notes.ts";
import { encodeThinking } from "./anthropic_reasoning.ts";
import { encodeSampling, encodeStop, encodeUser, noteUnsaidFields } from "./anthropic_sampling.ts";
import { answerSchemaOf, closeSchema, compilesSchema } from "./anthropic_schema.ts";
import { isThinking } from "./anthropic_thinking.ts";
import { encodeTools, nameTools, type ToolNames } from "./anthropic_tools.ts";
import { type ClaudeTraits, type Effort, traitsOf } from "./anthropic_traits.ts";

/** https://platform.claude.com/docs/en/api/versioning */
const API_VERSION = "2023-06-01";
/** Output limit of a request that has none for a model whose limit is unknown. */
const DEFAULT_MAX_TOKENS = 8192;
/** A default output limit is never made smaller than this to fit the context window. */
const MIN_DEFAULT_TOKENS = 1024;

const JSON_INSTRUCTION =
  "Answer with a single valid JSON object and nothing else: no prose around it, no code fence.";

/** Encodes a request; see `encodeConversation`, `encodeTools` and `encodeThinking` for the rules. */
export function encodeAnthropicRequest(call: UpstreamCall): UpstreamRequest {
  const notes = new EncodingNotes();
  const body = encodeBody({ ...call, request: modernizeRequest(call.request) }, notes);
  if (notes.fault !== null) return { type: "refused", fault: notes.fault };
  const { apiKey } = call.provider;
  return {
    type: "request",
    url: `${endpointRoot(call.provider)}/messages`,
    headers: {
      "content-type": "application/json",
      "anthropic-version": API_VERSION,
      ...(apiKey === null ? {} : { "x-api-key": apiKey.reveal() }),
    },
    body,
    dropped: notes.dropped,
    ...(holdsThinking(body) ? { hidden: ["thinking"] } : {}),
  };
}

/** Whether thinking of earlier turns is in the body. */
function holdsThinking(body: JsonObject): boolean {
  return arrayAt(body, "messages").some((turn) => arrayAt(turn, "content").some(isThinking));
}

/** The names of a request's tools, for the decoder of its answer. */
export function toolNamesOf({ request, model, compat }: AnswerContext): ToolNames {
  return nameTools(modernizeRequest(request), traitsOf(model.modelId, compat));
}

function encodeBody(call: UpstreamCall, notes: EncodingNotes): JsonObject {
  const { model, request } = call;
  const traits = traitsOf(model.modelId, call.provider.compat);
  const names = nameTools(request, traits);
  noteUnsaidFields(request, notes);
  const setup = encodeTools(request, { notes, names, traits });
  const format = encodeFormat(request, { notes, names, traits });
  const conversation = encodeConversation(request.messages, {
    notes,
    toolName: names.toWire,
    allowsPrefill: traits.prefill && format === null && !setup.isForced,
    recall: call.recall,
  });
  const isRefused = call.refusedFields.has("thinking");
  const thinking = encodeThinking(request, {
    notes,
    traits,
    conversation,
    isRefused,
    isToolForced: setup.isForced,
    maxTokens: limitOutput(call),
    maxOutputTokens: model.maxOutputTokens,
  });
  const mayThink = thinking.isOn || (!traits.thinkingCanStop && !isRefused);
  const turns = mayThink ? conversation.turns : withoutThinking(conversation.turns);
  return {
    "model": model.modelId,
    "max_tokens": thinking.maxTokens,
    "stream": call.stream,
    ...encodeParts(call, { system: conversation.system, turns, tools: setup.tools }),
    ...(setup.choice === null ? {} : { "tool_choice": setup.choice }),
    ...(thinking.thinking === null ? {} : { "thinking": thinking.thinking }),
    ...encodeOutputConfig(thinking.effort, format),
    ...encodeSampling(request, { notes, traits, isThinking: thinking.isOn }),
    ...encodeStop(request, notes),
    ...encodeUser(request, notes),
  } satisfies BodyKeys;
}

/** A field that the vendor renames or drops becomes a compile error. */
type BodyKeys = { readonly [Key in keyof Anthropic.MessageCreateParams]?: unknown };

function encodeParts({ request, provider, stream }: UpstreamCall, found: MarkedParts): JsonObject {
  const instruction = asksForJson(request) ? [textBlock(JSON_INSTRUCTION)] : [];
  const parts = { ...found, system: [...found.system, ...instruction] };
  const asked = readCacheMark(request);
  const { tools, system, turns, mark } = provider.promptCache
    ? addCacheMarks(parts, { mark: asked, isRead: stream })
    : limitCacheMarks(parts, asked);
  return {
    ...(system.length === 0 ? {} : { "system": system }),
    "messages": turns,
    ...(tools.length === 0 ? {} : { "tools": tools }),
    ...mark,
  } satisfies BodyKeys;
}

type Format = { readonly type: "json_schema"; readonly schema: JsonObject };

function encodeOutputConfig(effort: Effort | null, format: Format | null): JsonObject {
  if (effort === null && format === null) return {};
  const config = {
    ...(effort === null ? {} : { "effort": effort }),
    ...(format === null ? {} : { "format": format }),
  } satisfies Anthropic.OutputConfig;
  return { "output_config": config } satisfies BodyKeys;
}

/**
 * The output limit without thinking: the client's, never more than the model's own; else the
 * model's own as far as its context window has room beside the input.
 */
function limitOutput(call: UpstreamCall): number {
  const { contextWindow, maxOutputTokens } = call.model;
  const asked = requestedOutputTokens(call.request);
  if (asked !== null) return Math.max(1, Math.floor(Math.min(asked, maxOutputTokens ?? asked)));
  const limit = maxOutputTokens ?? DEFAULT_MAX_TOKENS;
  if (contextWindow === null) return limit;
  const room = contextWindow - Math.ceil(call.inputTokens * ESTIMATE_MARGIN);
  return Math.min(limit, Math.max(MIN_DEFAULT_TOKENS, room));
}

interface FormatOptions {
  readonly notes: EncodingNotes;
  readonly names: ToolNames;
  readonly traits: ClaudeTraits;
}

function encodeFormat(request: ChatRequest, options: FormatOptions): Format | null {
  const format = request["response_format"] ?? null;
  if (format === null || format["type"] === "text" || asksForJson(request)) return null;
  const schema = answerSchemaOf(format);
  if (schema !== null && compilesSchema(schema, options.traits)) {
    return { "type": "json_schema", "schema": closeSchema(schema) };
  }
  if (options.names.answerTool === null) options.notes.drop("response_format");
  return null;
}

/** JSON mode has no schema to enforce, so the system prompt asks for it. */
function asksForJson(request: ChatRequest): boolean {
  const format = request["response_format"];
  return isJsonObject(format) && format["type"] === "json_object";
}
