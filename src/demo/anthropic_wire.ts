/** Anthropic's Messages, from the vendor's side: https://docs.anthropic.com/en/api/messages */

import {
  arrayAt,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  objectAt,
  stringAt,
  valueAt,
} from "../core/json.ts";
import {
  type Ask,
  type CheckedAsk,
  refuse,
  type Reply,
  sseStep,
  type Wire,
  type WireStep,
} from "./wire.ts";

/** Anthropic's wire. */
export const anthropicWire: Wire = {
  chatPath: "/v1/messages",
  modelsPath: "/v1/models",
  streamType: "text/event-stream; charset=utf-8",
  checkRequest,
  streamReply,
  writeReply: (reply) => ({
    ...messageOf(reply),
    "content": contentOf(reply),
    "stop_reason": stopReasonOf(reply),
    "usage": usageOf(reply, reply.outputTokens),
  }),
  writeRefusal: ({ message, status }) => ({
    "type": "error",
    "error": { "type": ERROR_TYPES.get(status) ?? "api_error", "message": message },
  }),
  writeModels: (modelId) => ({
    "data": [{
      "type": "model",
      "id": modelId,
      "display_name": "Simulated",
      "created_at": "1970-01-01T00:00:00Z",
    }],
    "has_more": false,
    "first_id": modelId,
    "last_id": modelId,
  }),
};

const ERROR_TYPES: ReadonlyMap<number, string> = new Map([
  [400, "invalid_request_error"],
  [401, "authentication_error"],
  [404, "not_found_error"],
  [503, "overloaded_error"],
]);

function checkRequest(headers: Headers, body: JsonObject): CheckedAsk {
  const hasKey = headers.has("x-api-key") || /^Bearer \S/.test(headers.get("authorization") ?? "");
  if (!hasKey) {
    const message = "x-api-key header is required";
    return refuse({ status: 401, message, code: "authentication_error" });
  }
  const objection = findObjection(headers, body);
  if (objection !== undefined) {
    return refuse({ status: 400, message: objection, code: "invalid_request_error" });
  }
  return { type: "ask", ask: readAsk(body) };
}

function findObjection(headers: Headers, body: JsonObject): string | undefined {
  const messages = arrayAt(body, "messages");
  if (!headers.has("anthropic-version")) return "anthropic-version: header is required";
  if (typeof body["max_tokens"] !== "number") return "max_tokens: Field required";
  if (messages.length === 0) return "messages: at least one message is required";
  if (stringAt(messages[0], "role") !== "user") {
    return "messages: first message must use the user role";
  }
  const roles = messages.map((message) => stringAt(message, "role"));
  if (roles.some((role) => role !== "user" && role !== "assistant")) {
    return "messages: roles must be user or assistant";
  }
  return roles.some((role, index) => index > 0 && role === roles[index - 1])
    ? "messages: roles must alternate"
    : undefined;
}

function readAsk(body: JsonObject): Ask {
  const messages = arrayAt(body, "messages");
  const blocks = messages.map((message) => blocksOf(valueAt(message, "content")));
  const isUser = (index: number) => stringAt(messages[index], "role") === "user";
  const asks = blocks.filter((block, index) => isUser(index) && textOf(block) !== "");
  const result = blocks.at(-1)?.find((block) => stringAt(block, "type") === "tool_result");
  const choice = stringAt(objectAt(body, "tool_choice"), "type");
  return {
    text: textOf(asks.at(-1) ?? []),
    tools: choice === "none" ? [] : arrayAt(body, "tools").map((tool) => ({
      name: stringAt(tool, "name") ?? "",
      schema: objectAt(tool, "input_schema") ?? {},
    })),
    toolResult: result === undefined ? null : textOf(blocksOf(valueAt(result, "content"))),
    schema: objectAt(objectAt(objectAt(body, "output_config"), "format"), "schema") ?? null,
    promptLength: [blocksOf(body["system"]), ...blocks].map((block) => textOf(block).length)
      .reduce((sum, length) => sum + length, 0),
    turnCount: messages.length,
    isStreamed: body["stream"] === true,
    wantsUsage: true,
  };
}

function blocksOf(content: JsonValue | undefined): JsonArray {
  if (typeof content === "string") return [{ "type": "text", "text": content }];
  return arrayAt({ "content": content }, "content");
}

function textOf(blocks: JsonArray): string {
  return blocks.map((block) => stringAt(block, "text") ?? "").join("");
}

function streamReply(reply: Reply): readonly WireStep[] {
  const started = {
    ...messageOf(reply),
    "content": [],
    "stop_reason": null,
    "usage": usageOf(reply, 1),
  };
  return [
    step({ "type": "message_start", "message": started }, true),
    step({ "type": "ping" }),
    ...blockSteps(reply),
    step({
      "type": "message_delta",
      "delta": { "stop_reason": stopReasonOf(reply), "stop_sequence": null },
      "usage": { "output_tokens": reply.outputTokens },
    }),
    step({ "type": "message_stop" }),
  ];
}

function blockSteps(reply: Reply): readonly WireStep[] {
  const { toolCall } = reply;
  const block = toolCall === null
    ? { "type": "text", "text": "" }
    : { "type": "tool_use", "id": toolCall.id, "name": toolCall.name, "input": {} };
  const deltas = toolCall === null
    ? reply.pieces.map((piece) => ({ "type": "text_delta", "text": piece }))
    : (JSON.stringify(toolCall.arguments).match(/.{1,12}/gsu) ?? [])
      .map((piece) => ({ "type": "input_json_delta", "partial_json": piece }));
  return [
    step({ "type": "content_block_start", "index": 0, "content_block": block }),
    ...deltas.map((delta) =>
      step({ "type": "content_block_delta", "index": 0, "delta": delta }, true)
    ),
    step({ "type": "content_block_stop", "index": 0 }),
  ];
}

function step(event: JsonObject & { readonly type: string }, isToken = false): WireStep {
  return sseStep(event, { event: event.type, isToken });
}

function messageOf(reply: Reply): JsonObject {
  return {
    "id": `msg_${reply.id}`,
    "type": "message",
    "role": "assistant",
    "model": reply.modelId,
    "stop_sequence": null,
  };
}

function contentOf({ toolCall, pieces }: Reply): JsonArray {
  if (toolCall === null) return [{ "type": "text", "text": pieces.join("") }];
  const { id, name, arguments: input } = toolCall;
  return [{ "type": "tool_use", "id": id, "name": name, "input": input }];
}

function stopReasonOf(reply: Reply): string {
  return reply.toolCall === null ? "end_turn" : "tool_use";
}

/** `input_tokens` are those beside the cached ones. */
function usageOf(reply: Reply, outputTokens: number): JsonObject {
  return {
    "input_tokens": reply.inputTokens - reply.cachedTokens,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": reply.cachedTokens,
    "output_tokens": outputTokens,
  };
}
