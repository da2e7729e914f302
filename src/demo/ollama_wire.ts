/** Ollama's `/api/chat`, from the vendor's side: https://docs.ollama.com/api/chat */

import {
  arrayAt,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  objectAt,
  stringAt,
  valueAt,
} from "../core/json.ts";
import { type Ask, type CheckedAsk, refuse, type Reply, type Wire, type WireStep } from "./wire.ts";

/** Ollama's wire. */
export const ollamaWire: Wire = {
  chatPath: "/api/chat",
  modelsPath: "/api/tags",
  streamType: "application/x-ndjson",
  checkRequest,
  streamReply,
  writeReply: (reply) => ({
    ...headOf(reply),
    "message": { ...messageOf(reply.pieces.join("")), ...callsOf(reply) },
    ...endOf(reply),
  }),
  writeRefusal: ({ message }) => ({ "error": message }),
  writeModels: (modelId) => ({
    "models": [{
      "name": modelId,
      "model": modelId,
      "modified_at": "2026-01-01T00:00:00Z",
      "size": 2_000_000_000,
      "digest": "0".repeat(64),
      "details": { "family": "simulated", "parameter_size": "3B", "quantization_level": "Q4_K_M" },
    }],
  }),
};

function checkRequest(_headers: Headers, body: JsonObject): CheckedAsk {
  const objection = findObjection(body);
  return objection === undefined
    ? { type: "ask", ask: readAsk(body) }
    : refuse({ status: 400, message: objection, code: "bad_request" });
}

/** The words of Go's decoder, which takes no parts for content and no text for arguments. */
function findObjection(body: JsonObject): string | undefined {
  for (const message of arrayAt(body, "messages")) {
    if (typeof (valueAt(message, "content") ?? "") !== "string") {
      return unmarshal("messages.content", "string");
    }
    const calls = arrayAt(message, "tool_calls").map((call) => objectAt(call, "function"));
    if (calls.some((call) => !isJsonObject(valueAt(call, "arguments")))) {
      return unmarshal("messages.tool_calls.function.arguments", "api.ToolCallFunctionArguments");
    }
  }
  return Array.isArray(body["messages"]) ? undefined : unmarshal("messages", "[]api.Message");
}

function unmarshal(field: string, type: string): string {
  return `json: cannot unmarshal into Go struct field ChatRequest.${field} of type ${type}`;
}

function readAsk(body: JsonObject): Ask {
  const messages = arrayAt(body, "messages");
  const newest = messages.at(-1);
  const user = messages.findLast((message) => stringAt(message, "role") === "user");
  const { format } = body;
  return {
    text: contentOf(user),
    tools: arrayAt(body, "tools").map((tool) => ({
      name: stringAt(objectAt(tool, "function"), "name") ?? "",
      schema: objectAt(objectAt(tool, "function"), "parameters") ?? {},
    })),
    toolResult: stringAt(newest, "role") === "tool" ? contentOf(newest) : null,
    schema: isJsonObject(format) ? format : format === "json" ? {} : null,
    promptLength: messages.reduce<number>((sum, message) => sum + contentOf(message).length, 0),
    turnCount: messages.length,
    isStreamed: body["stream"] !== false,
    wantsUsage: true,
  };
}

function contentOf(message: JsonValue | undefined): string {
  return stringAt(message, "content") ?? "";
}

function streamReply(reply: Reply): readonly WireStep[] {
  const head = headOf(reply);
  const tokens = reply.pieces.map((piece) => ({
    ...head,
    "message": messageOf(piece),
    "done": false,
  }));
  const calls = reply.toolCall === null
    ? []
    : [{ ...head, "message": { ...messageOf(""), ...callsOf(reply) }, "done": false }];
  return [
    ...[...tokens, ...calls].map((line) => ({ text: `${JSON.stringify(line)}\n`, isToken: true })),
    {
      text: `${JSON.stringify({ ...head, "message": messageOf(""), ...endOf(reply) })}\n`,
      isToken: false,
    },
  ];
}

function headOf(reply: Reply): JsonObject {
  return {
    "model": reply.modelId,
    "created_at": new Date(reply.created * 1000).toISOString(),
  };
}

function messageOf(content: string): JsonObject {
  return { "role": "assistant", "content": content };
}

function callsOf({ toolCall }: Reply): JsonObject {
  if (toolCall === null) return {};
  const { id, name, arguments: args } = toolCall;
  return {
    "tool_calls": [{ "id": id, "function": { "index": 0, "name": name, "arguments": args } }],
  };
}

/** Ollama ends with `stop` after a tool call too; durations are nanoseconds. */
function endOf(reply: Reply): JsonObject {
  return {
    "done": true,
    "done_reason": "stop",
    "total_duration": 1_000_000 * (reply.inputTokens + reply.outputTokens),
    "load_duration": 1_000_000,
    "prompt_eval_count": reply.inputTokens,
    "prompt_eval_duration": 1_000_000 * reply.inputTokens,
    "eval_count": reply.outputTokens,
    "eval_duration": 1_000_000 * reply.outputTokens,
  };
}
