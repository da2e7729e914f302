/** Requests: the client's own body, changed only where the server would refuse it. */

import type { ChatMessage, ChatRequest } from "../core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { endpointRoot, type Provider } from "../core/provider.ts";
import { REASONING_FIELDS } from "../core/reasoning.ts";
import type { UpstreamCall, UpstreamRequest } from "./adapter.ts";
import { bearerHeaders } from "./bearer.ts";
import { isOpenaiField, removeRedirects } from "./openai_field.ts";
import { encodeFormat } from "./openai_format.ts";
import { REASONING_KEYS } from "./openai_keepsake.ts";
import { encodeMessages } from "./openai_message.ts";
import { nameTools, PLAIN_NAMES } from "./openai_name.ts";
import { type Quirks, quirksOf } from "./openai_quirk.ts";
import { encodeReasoning } from "./openai_reasoning.ts";
import {
  type Changes,
  encodeOutputLimit,
  encodeSampling,
  encodeSeed,
  encodeStop,
} from "./openai_sampling.ts";
import { isNothing, pickFields, type StrictOptions } from "./openai_strict.ts";
import { encodeStrictTools } from "./openai_tool.ts";

/** Puts a request into the dialect: keys stay in the client's order, so that prompt caches stay warm. */
export function encodeRequest(call: UpstreamCall): UpstreamRequest {
  const quirks = fitQuirks(quirksOf(call.provider, call.model), call.refusedFields);
  const safe = removeRedirects(call.request);
  const dropped = new Set(safe.dropped);
  const names = quirks.isStrict ? nameTools(call.request) : PLAIN_NAMES;
  const state = { quirks, dropped, names };
  const common = { ...safe.value, ...commonChanges(call, state) };
  const body = quirks.isStrict ? sieveBody(call, { ...state, body: common }) : common;
  const entries = Object.entries(body).filter(([, value]) => value !== undefined);
  return {
    type: "request",
    url: `${endpointRoot(call.provider)}/chat/completions`,
    headers: headersFor(call.provider, call.stream),
    body: Object.fromEntries(entries),
    dropped: [...dropped],
    ...(holdsReasoning(common["messages"]) ? { hidden: [REASONING] } : {}),
  };
}

/** What a server may refuse in messages that it has itself given with its answers. */
const REASONING = "reasoning_content";

/** The quirks of a server that has just refused the reasoning of earlier turns. */
function fitQuirks(quirks: Quirks, refusedFields: ReadonlySet<string>): Quirks {
  if (!refusedFields.has(REASONING)) return quirks;
  return { ...quirks, reasoningHistory: "none", reasoningFiller: null, details: false };
}

function holdsReasoning(messages: JsonValue | undefined): boolean {
  return Array.isArray(messages) &&
    messages.some((message: JsonValue) =>
      isJsonObject(message) && REASONING_KEYS.some((key) => message[key] !== undefined)
    );
}

function headersFor(provider: Provider, isStream: boolean): Readonly<Record<string, string>> {
  return {
    "content-type": "application/json",
    "accept": isStream ? "text/event-stream" : "application/json",
    ...bearerHeaders(provider),
  };
}

interface EncodeState extends StrictOptions {
  readonly quirks: Quirks;
}

/** What is put in place of the client's fields; undefined leaves a field out. */
function commonChanges(call: UpstreamCall, state: EncodeState): Changes {
  const { request } = call;
  const { format, instruction } = encodeFormat(request, state);
  const messages = encodeMessages(call, state);
  return {
    model: call.model.modelId,
    messages: instruction === null ? messages : [systemMessage(instruction), ...messages],
    stream: call.stream,
    "stream_options": streamOptions(call, state.quirks),
    ...(format === (request["response_format"] ?? undefined) ? {} : { "response_format": format }),
    ...encodeOutputLimit(request, state.quirks),
    ...toolFields(request, state),
    ...encodeSampling(request, state),
    ...encodeStop(request, state),
    ...encodeSeed(request, state.quirks),
  };
}

function systemMessage(text: string): ChatMessage {
  return { "role": "system", "content": text };
}

/** Usage is always asked for: the ledger needs it. The option is refused without a stream. */
function streamOptions(call: UpstreamCall, quirks: Quirks): JsonObject | undefined {
  const isRefused = call.refusedFields.has("stream_options");
  if (!call.stream || !quirks.streamUsage || isRefused) return undefined;
  return { ...call.request["stream_options"], "include_usage": true };
}

/** Without tools, OpenAI refuses an empty list of them and all that says how to use them. */
function toolFields(request: ChatRequest, state: EncodeState): Changes {
  if (state.quirks.isStrict) return { ...encodeStrictTools(request, state) };
  if ((request.tools?.length ?? 0) > 0) return {};
  for (const key of ["tool_choice", "parallel_tool_calls"]) {
    if ((request[key] ?? null) !== null) state.dropped.add(key);
  }
  return { tools: undefined, "tool_choice": undefined, "parallel_tool_calls": undefined };
}

const STREAM_KEYS = { "include_usage": true, "include_obfuscation": true } as const;

/** The body with the fields that OpenAI's reference names, and no null. */
function sieveBody(
  call: UpstreamCall,
  { body, dropped }: EncodeState & { readonly body: JsonObject },
): JsonObject {
  const { effort, dropped: unsaid } = encodeReasoning(call);
  const options = body["stream_options"];
  const place = { path: "stream_options", dropped };
  for (const key of Object.keys(body)) {
    const isSaid = isOpenaiField(key) || REASONING_FIELDS.includes(key);
    if (unsaid.includes(key) || (!isSaid && (body[key] ?? null) !== null)) dropped.add(key);
  }
  const whole: JsonObject = {
    ...body,
    "reasoning_effort": effort,
    "stream_options": isJsonObject(options) ? pickFields(options, STREAM_KEYS, place) : undefined,
  };
  return Object.fromEntries(
    Object.entries(whole).filter(([key, value]) => isOpenaiField(key) && !isNothing(value)),
  );
}
