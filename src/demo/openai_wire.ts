/** OpenAI's Chat Completions, from the vendor's side: https://platform.openai.com/docs/api-reference/chat */

import {
  arrayAt,
  isJsonObject,
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

/** OpenAI's wire. */
export const openaiWire: Wire = {
  chatPath: "/v1/chat/completions",
  modelsPath: "/v1/models",
  streamType: "text/event-stream; charset=utf-8",
  checkRequest,
  streamReply,
  writeReply,
  writeRefusal: ({ message, code, status }) => ({
    "error": {
      "message": message,
      "type": status >= 500 ? "server_error" : "invalid_request_error",
      "param": null,
      "code": code,
    },
  }),
  writeModels: (modelId) => ({
    "object": "list",
    "data": [{ "id": modelId, "object": "model", "created": 0, "owned_by": "simulated" }],
  }),
};

const ROLES: readonly (string | undefined)[] = ["system", "developer", "user", "assistant", "tool"];

function checkRequest(headers: Headers, body: JsonObject): CheckedAsk {
  if (!/^Bearer \S+$/.test(headers.get("authorization") ?? "")) {
    return refuse({
      status: 401,
      message: "You didn't provide an API key.",
      code: "invalid_api_key",
    });
  }
  const messages = arrayAt(body, "messages");
  if (messages.length === 0) return refuseField("Invalid 'messages': empty or not an array.");
  const stranger = messages.findIndex((message) => !ROLES.includes(stringAt(message, "role")));
  if (stranger >= 0) return refuseField(`Invalid value: 'messages[${stranger}].role'.`);
  const isStreamed = body["stream"] === true;
  const streamOptions = objectAt(body, "stream_options");
  if (streamOptions !== undefined && !isStreamed) {
    return refuseField("'stream_options' is only allowed when 'stream' is enabled.");
  }
  return {
    type: "ask",
    ask: { ...readAsk(body), isStreamed, wantsUsage: streamOptions?.["include_usage"] === true },
  };
}

function refuseField(message: string): CheckedAsk {
  return refuse({ status: 400, message, code: "invalid_value" });
}

function readAsk(body: JsonObject): Omit<Ask, "isStreamed" | "wantsUsage"> {
  const messages = arrayAt(body, "messages");
  const newest = messages.at(-1);
  const user = messages.findLast((message) => stringAt(message, "role") === "user");
  const format = objectAt(body, "response_format");
  return {
    text: textOf(valueAt(user, "content")),
    tools: body["tool_choice"] === "none" ? [] : arrayAt(body, "tools").map(readTool),
    toolResult: stringAt(newest, "role") === "tool" ? textOf(valueAt(newest, "content")) : null,
    schema: format === undefined || format["type"] === "text"
      ? null
      : objectAt(objectAt(format, "json_schema"), "schema") ?? {},
    promptLength: messages.map((message) => textOf(valueAt(message, "content")).length)
      .reduce((sum, length) => sum + length, 0),
    turnCount: messages.length,
  };
}

function readTool(tool: JsonValue): Ask["tools"][number] {
  const source = objectAt(tool, "function");
  return { name: stringAt(source, "name") ?? "", schema: objectAt(source, "parameters") ?? {} };
}

function textOf(content: JsonValue | undefined): string {
  if (typeof content === "string") return content;
  const parts = isJsonObject(content) ? [] : arrayAt({ "parts": content }, "parts");
  return parts.map((part) => stringAt(part, "text") ?? "").join("\n");
}

function streamReply(reply: Reply, ask: Ask): readonly WireStep[] {
  const head = {
    "id": `chatcmpl-${reply.id}`,
    "object": "chat.completion.chunk",
    "created": reply.created,
    "model": reply.modelId,
  };
  const step = (delta: JsonObject, isToken = true) =>
    sseStep({ ...head, "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] }, {
      isToken,
    });
  return [
    step({ "role": "assistant", "content": "" }),
    ...reply.pieces.map((piece) => step({ "content": piece })),
    ...callDeltas(reply).map((delta) => step(delta)),
    sseStep({
      ...head,
      "choices": [{ "index": 0, "delta": {}, "finish_reason": finishOf(reply) }],
    }),
    ...(ask.wantsUsage ? [sseStep({ ...head, "choices": [], "usage": usageOf(reply) })] : []),
    sseStep("[DONE]"),
  ];
}

function callDeltas({ toolCall }: Reply): readonly JsonObject[] {
  if (toolCall === null) return [];
  const { id, name } = toolCall;
  const text = JSON.stringify(toolCall.arguments);
  const opening = {
    "index": 0,
    "id": id,
    "type": "function",
    "function": { "name": name, "arguments": "" },
  };
  const pieces = text.match(/.{1,12}/gsu) ?? [];
  return [
    { "tool_calls": [opening] },
    ...pieces.map((piece) => ({
      "tool_calls": [{ "index": 0, "function": { "arguments": piece } }],
    })),
  ];
}

function writeReply(reply: Reply): JsonObject {
  const { toolCall } = reply;
  const calls = toolCall === null ? {} : {
    "tool_calls": [{
      "id": toolCall.id,
      "type": "function",
      "function": { "name": toolCall.name, "arguments": JSON.stringify(toolCall.arguments) },
    }],
  };
  return {
    "id": `chatcmpl-${reply.id}`,
    "object": "chat.completion",
    "created": reply.created,
    "model": reply.modelId,
    "choices": [{
      "index": 0,
      "message": {
        "role": "assistant",
        "content": toolCall === null ? reply.pieces.join("") : null,
        ...calls,
      },
      "finish_reason": finishOf(reply),
    }],
    "usage": usageOf(reply),
  };
}

function finishOf(reply: Reply): string {
  return reply.toolCall === null ? "stop" : "tool_calls";
}

function usageOf(reply: Reply): JsonObject {
  return {
    "prompt_tokens": reply.inputTokens,
    "completion_tokens": reply.outputTokens,
    "total_tokens": reply.inputTokens + reply.outputTokens,
    "prompt_tokens_details": { "cached_tokens": reply.cachedTokens },
    "completion_tokens_details": { "reasoning_tokens": 0 },
  };
}
