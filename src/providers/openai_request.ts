/** Requests: the client's own body, changed only where the server would refuse it. */

import type { ChatRequest } from "../core/chat.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import { endpointRoot, type Provider } from "../core/provider.ts";
import type { UpstreamCall, UpstreamRequest } from "./adapter.ts";
import { FOREIGN_FIELDS, removeRedirects } from "./openai_field.ts";
import { encodeMessages } from "./openai_message.ts";
import { type Quirks, quirksOf } from "./openai_quirk.ts";

/** Puts a request into the dialect: keys stay in the client's order, so that prompt caches stay warm. */
export function encodeRequest(call: UpstreamCall): UpstreamRequest {
  const quirks = quirksOf(call.provider, call.model);
  const safe = removeRedirects(call.request);
  const dropped = new Set(safe.dropped);
  const changes = changesFor(call, { quirks, dropped });
  const entries = Object.entries({ ...safe.value, ...changes });
  return {
    type: "request",
    url: `${endpointRoot(call.provider)}/chat/completions`,
    headers: headersFor(call.provider, call.stream),
    body: Object.fromEntries(entries.filter(([key, value]) => isSent(key, value, quirks, dropped))),
    dropped: [...dropped],
  };
}

function headersFor(provider: Provider, isStream: boolean): Readonly<Record<string, string>> {
  return {
    "content-type": "application/json",
    "accept": isStream ? "text/event-stream" : "application/json",
    ...(provider.apiKey === null ? {} : { "authorization": `Bearer ${provider.apiKey.reveal()}` }),
  };
}

interface EncodeState {
  readonly quirks: Quirks;
  /** What is left out, to be told to the client. */
  readonly dropped: Set<string>;
}

type Changes = Readonly<Record<string, JsonValue | undefined>>;

/** What is put in place of the client's fields; undefined leaves a field out. */
function changesFor(call: UpstreamCall, state: EncodeState): Changes {
  const { request } = call;
  return {
    model: call.model.modelId,
    messages: encodeMessages(request.messages, state),
    stream: call.stream,
    "stream_options": streamOptions(call, state.quirks),
    ...outputLimit(request, state.quirks),
    ...toolFields(request, state),
    ...samplingFields(request, state),
  };
}

/** Usage is always asked for: the ledger needs it. The option is refused without a stream. */
function streamOptions(call: UpstreamCall, quirks: Quirks): JsonObject | undefined {
  const isRefused = call.refusedFields.has("stream_options");
  if (!call.stream || !quirks.streamUsage || isRefused) return undefined;
  return { ...call.request["stream_options"], "include_usage": true };
}

/** One output limit: both at once are refused. */
function outputLimit(request: ChatRequest, quirks: Quirks): Changes {
  const newLimit = request["max_completion_tokens"] ?? undefined;
  const limit = newLimit ?? request["max_tokens"] ?? undefined;
  if (limit === undefined) return { "max_tokens": undefined, "max_completion_tokens": undefined };
  const sent = newLimit === undefined ? "max_tokens" : "max_completion_tokens";
  const name = quirks.maxTokensField ?? sent;
  return { "max_tokens": undefined, "max_completion_tokens": undefined, [name]: limit };
}

/** Without tools, OpenAI refuses an empty list of them and all that says how to use them. */
function toolFields(request: ChatRequest, state: EncodeState): Changes {
  if ((request.tools?.length ?? 0) > 0) return {};
  for (const key of ["tool_choice", "parallel_tool_calls"]) {
    if ((request[key] ?? null) !== null) state.dropped.add(key);
  }
  return { tools: undefined, "tool_choice": undefined, "parallel_tool_calls": undefined };
}

/** What reasoning models refuse, and the default, which is lost to nobody. */
const SAMPLING_DEFAULTS: readonly (readonly [string, JsonValue])[] = [
  ["temperature", 1],
  ["top_p", 1],
  ["presence_penalty", 0],
  ["frequency_penalty", 0],
  ["logprobs", false],
  ["top_logprobs", 0],
];

function samplingFields(request: ChatRequest, state: EncodeState): Changes {
  if (!state.quirks.fixedSampling) return {};
  for (const [key, normal] of SAMPLING_DEFAULTS) {
    if ((request[key] ?? normal) !== normal) state.dropped.add(key);
  }
  return Object.fromEntries(SAMPLING_DEFAULTS.map(([key]) => [key, undefined]));
}

function isSent(
  key: string,
  value: JsonValue | undefined,
  { isStrict }: Quirks,
  dropped: Set<string>,
): boolean {
  if (value === undefined) return false;
  if (!isStrict || !FOREIGN_FIELDS.has(key)) return true;
  if (value !== null) dropped.add(key);
  return false;
}
