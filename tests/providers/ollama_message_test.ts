import assert from "node:assert/strict";
import type { ChatMessage, ContentPart } from "../../src/core/chat.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { MISSING_RESULT } from "../../src/providers/tool_pairing.ts";
import { ollama } from "../../src/providers/ollama.ts";
import { callOf, encode } from "../support/ollama_case.ts";
import { checkOllamaRequest } from "../support/ollama_validator.ts";

const PNG = "data:image/png;base64,aGVsbG8=";

function image(url: string): ContentPart {
  return { "type": "image_url", "image_url": { "url": url, "detail": "auto" } };
}

function call(id: string, name: string, args: string): ChatMessage {
  return {
    "role": "assistant",
    "content": null,
    "tool_calls": [{ id, "type": "function", "function": { name, "arguments": args } }],
  };
}

interface MessageCase {
  readonly name: string;
  readonly messages: readonly ChatMessage[];
  readonly sent: readonly JsonObject[];
  readonly dropped?: readonly string[];
}

const CASES: readonly MessageCase[] = [
  {
    name: "a call of a custom tool as one with its text as an argument",
    messages: [{
      "role": "assistant",
      "content": null,
      "tool_calls": [{ "id": "c", "type": "custom", "custom": { "name": "sh", "input": "ls" } }],
    }, { "role": "tool", "tool_call_id": "c", "content": "a" }],
    sent: [{
      "role": "assistant",
      "content": "",
      "tool_calls": [{ "id": "c", "function": { "name": "sh", "arguments": { "input": "ls" } } }],
    }, { "role": "tool", "content": "a", "tool_name": "sh", "tool_call_id": "c" }],
  },
  {
    name: "developer messages as system ones",
    messages: [{ "role": "developer", "content": "Be brief." }, { "role": "user", "content": "" }],
    sent: [{ "role": "system", "content": "Be brief." }, { "role": "user", "content": "" }],
  },
  {
    name: "text parts as one text and images as bare base64",
    messages: [{
      "role": "user",
      "content": [{ "type": "text", "text": "a" }, image(PNG), { "type": "text", "text": "b" }],
    }],
    sent: [{ "role": "user", "content": "a\nb", "images": ["aGVsbG8="] }],
  },
  {
    name: "base64 without padding with it",
    messages: [{ "role": "user", "content": [image("data:image/webp;base64,aGVsbG8")] }],
    sent: [{ "role": "user", "content": "", "images": ["aGVsbG8="] }],
  },
  {
    name: "a tool round trip with object arguments and the tool's name",
    messages: [
      call("call_1", "weather", '{"city":"Oslo"}'),
      { "role": "tool", "tool_call_id": "call_1", "content": "4 degrees" },
    ],
    sent: [
      {
        "role": "assistant",
        "content": "",
        "tool_calls": [{
          "id": "call_1",
          "function": { "name": "weather", "arguments": { "city": "Oslo" } },
        }],
      },
      { "role": "tool", "content": "4 degrees", "tool_name": "weather", "tool_call_id": "call_1" },
    ],
  },
  {
    name: "results where their calls are, and one without a call as the user's text",
    messages: [
      {
        "role": "assistant",
        "content": "Both.",
        "tool_calls": [
          { "id": "a", "type": "function", "function": { "name": "f", "arguments": "" } },
          { "id": "b", "type": "function", "function": { "name": "g", "arguments": "{}" } },
        ],
      },
      { "role": "tool", "tool_call_id": "b", "name": "ignored", "content": "2" },
      { "role": "tool", "tool_call_id": "z", "name": "h", "content": "3" },
    ],
    sent: [
      {
        "role": "assistant",
        "content": "Both.",
        "tool_calls": [
          { "id": "a", "function": { "name": "f", "arguments": {} } },
          { "id": "b", "function": { "name": "g", "arguments": {} } },
        ],
      },
      { "role": "tool", "content": MISSING_RESULT, "tool_name": "f", "tool_call_id": "a" },
      { "role": "tool", "content": "2", "tool_name": "g", "tool_call_id": "b" },
      { "role": "user", "content": '[Result of tool call "z"]\n3' },
    ],
  },
  {
    name: "arguments that are no object as the text they came as",
    messages: [
      call("a", "f", '{"broken'),
      { "role": "tool", "tool_call_id": "a", "content": "1" },
      call("b", "g", "[1]"),
      { "role": "tool", "tool_call_id": "b", "content": "2" },
    ],
    sent: [
      {
        "role": "assistant",
        "content": "",
        "tool_calls": [{
          "id": "a",
          "function": { "name": "f", "arguments": { "_raw": '{"broken' } },
        }],
      },
      { "role": "tool", "content": "1", "tool_name": "f", "tool_call_id": "a" },
      {
        "role": "assistant",
        "content": "",
        "tool_calls": [{ "id": "b", "function": { "name": "g", "arguments": { "_raw": "[1]" } } }],
      },
      { "role": "tool", "content": "2", "tool_name": "g", "tool_call_id": "b" },
    ],
  },
  {
    name: "images of a tool result on that message",
    messages: [
      call("a", "shot", "{}"),
      {
        "role": "tool",
        "tool_call_id": "a",
        "content": [{ "type": "text", "text": "see" }, image(PNG)],
      },
    ],
    sent: [
      {
        "role": "assistant",
        "content": "",
        "tool_calls": [{ "id": "a", "function": { "name": "shot", "arguments": {} } }],
      },
      {
        "role": "tool",
        "content": "see",
        "images": ["aGVsbG8="],
        "tool_name": "shot",
        "tool_call_id": "a",
      },
    ],
  },
  {
    name: "the older function messages as calls and results",
    messages: [
      {
        "role": "assistant",
        "content": null,
        "function_call": { "name": "f", "arguments": '{"a":1}' },
      },
      { "role": "function", "name": "f", "content": "1" },
    ],
    sent: [
      {
        "role": "assistant",
        "content": "",
        "tool_calls": [
          { "id": "function_call_0", "function": { "name": "f", "arguments": { "a": 1 } } },
        ],
      },
      {
        "role": "tool",
        "content": "1",
        "tool_name": "f",
        "tool_call_id": "function_call_0",
      },
    ],
  },
  {
    name: "a refusal as text, beside other text too",
    messages: [
      { "role": "assistant", "content": null, "refusal": "No." },
      { "role": "assistant", "content": "Hm.", "refusal": "No." },
    ],
    sent: [
      { "role": "assistant", "content": "No." },
      { "role": "assistant", "content": "Hm.\nNo." },
    ],
  },
  {
    name: "the assistant's reasoning as thinking and its refusal as text",
    messages: [
      { "role": "assistant", "content": "Hi", "reasoning_content": "Hm.", "reasoning_details": [] },
      {
        "role": "assistant",
        "content": [{ "type": "refusal", "refusal": "No." }],
        "reasoning": "So.",
      },
      { "role": "user", "content": "x", "reasoning_content": "not mine" },
    ],
    sent: [
      { "role": "assistant", "content": "Hi", "thinking": "Hm." },
      { "role": "assistant", "content": "No.", "thinking": "So." },
      { "role": "user", "content": "x" },
    ],
  },
  {
    name: "reasoning among the parts of a message as thinking, without what is redacted",
    messages: [
      {
        "role": "assistant",
        "content": [
          { "type": "thinking", "thinking": "Hm.", "signature": "s" },
          { "type": "redacted_thinking", "data": "x" },
          { "type": "reasoning", "text": "So." },
          { "type": "text", "text": "Hi" },
        ],
      },
      { "role": "user", "content": "x" },
    ],
    sent: [
      { "role": "assistant", "content": "Hi", "thinking": "Hm.\nSo." },
      { "role": "user", "content": "x" },
    ],
  },
  {
    name: "names of speakers and unknown fields as reported, each once",
    messages: [
      { "role": "user", "name": "ann", "content": "x", "prefix": true },
      { "role": "user", "name": "bob", "content": "y", "refusal": null },
    ],
    sent: [{ "role": "user", "content": "x" }, { "role": "user", "content": "y" }],
    dropped: ["messages.name", "messages.prefix"],
  },
];

for (const { name, messages, sent, dropped = [] } of CASES) {
  Deno.test(`encodeRequest() of ollama sends ${name}`, () => {
    const request = encode({ "messages": messages });
    assert.deepEqual(request.body["messages"], sent);
    assert.deepEqual(request.dropped, dropped);
    assert.deepEqual(checkOllamaRequest(request.body), []);
  });
}

const UNSUPPORTED: readonly (readonly [string, ContentPart])[] = [
  ["an image behind a URL", image("https://example.com/cat.png")],
  ["a data URI that is no image", image("data:application/pdf;base64,aGk=")],
  ["a data URI that is not base64", image("data:image/svg+xml,<svg/>")],
  ["base64 that was cut", image("data:image/png;base64,aGVsb")],
  ["sound", { "type": "input_audio", "input_audio": { "data": "aGk=", "format": "wav" } }],
  ["a file", { "type": "file", "file": { "file_id": "f" } }],
];

for (const [name, part] of UNSUPPORTED) {
  Deno.test(`encodeRequest() of ollama refuses ${name} so that another model can answer`, () => {
    const content = [{ "type": "text", "text": "look" }, part];
    const encoded = ollama.encodeRequest(callOf({ "messages": [{ "role": "user", content }] }));
    assert.ok(encoded.type === "refused");
    assert.equal(encoded.fault.kind, "unsupported");
    assert.equal(encoded.fault.param, "messages[0].content[1]");
    assert.match(encoded.fault.message, /choose a model of another provider/);
    assert.doesNotMatch(encoded.fault.message, /example\.com/);
  });
}
