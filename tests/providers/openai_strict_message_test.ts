import { modelOf, providerOf } from "../support/openai_call.ts";
import { type Row, testRows, USER } from "../support/openai_strict_case.ts";

const MESSAGE_ROWS: readonly Row[] = [
  {
    name: "drops what messages, parts and calls hold beyond the reference",
    fields: {
      messages: [
        { role: "user", name: "Ann Lee", id: 5, content: [{ type: "text", text: "x", id: 1 }] },
        {
          role: "user",
          content: [
            { type: "image_url", "image_url": { url: "https://a/b.png", detail: "low", x: 1 } },
            { type: "video_url", "video_url": { url: "https://a/b.mp4" } },
          ],
        },
        {
          role: "assistant",
          content: null,
          refusal: null,
          images: [],
          "tool_calls": [{
            id: "c",
            index: 0,
            type: "function",
            "extra_content": { google: {} },
            function: { name: "fs.read", arguments: "{}", parsed: {} },
          }],
        },
        { role: "tool", "tool_call_id": "c", name: "fs.read", content: null },
        { role: "assistant", content: null, audio: { id: "a", data: "AA" } },
        { role: "assistant", content: null },
      ],
    },
    expected: {
      messages: [
        { role: "user", name: "Ann_Lee", content: [{ type: "text", text: "x" }] },
        {
          role: "user",
          content: [
            { type: "image_url", "image_url": { url: "https://a/b.png", detail: "low" } },
          ],
        },
        {
          role: "assistant",
          content: null,
          "tool_calls": [{
            id: "c",
            type: "function",
            function: { name: "fs_read", arguments: "{}" },
          }],
        },
        { role: "tool", "tool_call_id": "c", name: "fs_read", content: "" },
        { role: "assistant", content: null, audio: { id: "a" } },
        { role: "assistant", content: "" },
      ],
    },
    dropped: [
      "messages.id",
      "messages.content.video_url",
      "messages.x",
      "messages.index",
      "messages.extra_content",
      "messages.parsed",
      "messages.data",
    ],
  },
  {
    name: "makes an empty text of a message whose parts are all unknown",
    fields: {
      messages: [{ role: "user", content: [{ type: "video_url", "video_url": { url: "x" } }] }],
    },
    expected: { messages: [{ role: "user", content: "" }] },
    dropped: ["messages.content.video_url"],
  },
  {
    name: "cuts a person's name to 64 characters",
    fields: { messages: [{ ...USER, name: "a".repeat(65) }] },
    expected: { messages: [{ ...USER, name: "a".repeat(64) }] },
  },
  {
    name: "tells a server other than OpenAI's what was refused, as text",
    fields: { messages: [USER, { role: "assistant", content: null, refusal: "No." }, USER] },
    options: { provider: providerOf("http://lan:1") },
    expected: { messages: [USER, { role: "assistant", content: "No.", refusal: "No." }, USER] },
  },
  {
    name: "writes a deprecated history in the present form",
    fields: {
      messages: [
        USER,
        { role: "assistant", content: null, "function_call": { name: "f", arguments: "{}" } },
        { role: "function", name: "f", content: "ok" },
      ],
    },
    expected: {
      messages: [
        USER,
        {
          role: "assistant",
          content: null,
          "tool_calls": [{
            id: "function_call_1",
            type: "function",
            function: { name: "f", arguments: "{}" },
          }],
        },
        { role: "tool", name: "f", content: "ok", "tool_call_id": "function_call_1" },
      ],
    },
  },
  {
    name: "keeps the deprecated form for a client that uses it still",
    fields: {
      functions: [{ name: "f" }],
      messages: [
        USER,
        { role: "assistant", content: null, "function_call": { name: "f", arguments: "{}" } },
        { role: "function", name: "f", content: "ok" },
      ],
    },
    expected: {
      functions: [{ name: "f" }],
      messages: [
        USER,
        { role: "assistant", content: null, "function_call": { name: "f", arguments: "{}" } },
        { role: "function", name: "f", content: "ok" },
      ],
    },
  },
];

const ASK = { role: "system", content: "Answer with a JSON object." };
const SCHEMA = { type: "object", properties: { a: { type: "string" } } };
const DESCRIBED = {
  role: "system",
  content:
    "Answer with one JSON value that is valid by this JSON schema, and nothing else (Of a.):\n" +
    JSON.stringify(SCHEMA),
};
const SCHEMA_FORMAT = {
  type: "json_schema",
  "json_schema": { name: "a", description: "Of a.", strict: true, schema: SCHEMA },
};
const FORMAT_ROWS: readonly Row[] = [
  {
    name: "calls a schema without a name answer",
    fields: { "response_format": { type: "json_schema", "json_schema": { schema: SCHEMA } } },
    expected: {
      "response_format": {
        type: "json_schema",
        "json_schema": { name: "answer", schema: SCHEMA },
      },
    },
  },
  {
    name: "asks for JSON where no message speaks of it",
    fields: { "response_format": { type: "json_object" } },
    expected: { messages: [ASK, USER], "response_format": { type: "json_object" } },
  },
  {
    name: "asks for nothing where one does",
    fields: {
      messages: [{ role: "user", content: [{ type: "text", text: "As Json, please" }] }],
      "response_format": { type: "json_object" },
    },
    expected: {
      messages: [{ role: "user", content: [{ type: "text", text: "As Json, please" }] }],
    },
  },
  {
    name: "still asks when a later message alone speaks of it",
    fields: {
      messages: [USER, { role: "assistant", content: "{}" }, { role: "user", content: "JSON!" }],
      "response_format": { type: "json_object" },
    },
    expected: {
      messages: [ASK, USER, { role: "assistant", content: "{}" }, {
        role: "user",
        content: "JSON!",
      }],
    },
  },
  {
    name: "makes the name of a schema valid",
    fields: {
      "response_format": {
        type: "json_schema",
        x: 1,
        "json_schema": { name: "my.schema", strict: null, schema: SCHEMA },
      },
    },
    expected: {
      "response_format": {
        type: "json_schema",
        "json_schema": { name: "my_schema", schema: SCHEMA },
      },
    },
    dropped: ["response_format.x"],
  },
  {
    name: "reads the schema of a json_object",
    fields: { "response_format": { type: "json_object", schema: SCHEMA } },
    expected: {
      "response_format": { type: "json_schema", "json_schema": { name: "answer", schema: SCHEMA } },
    },
  },
  {
    name: "drops a format that OpenAI does not know",
    fields: { "response_format": { type: "regex" } },
    absent: ["response_format"],
    dropped: ["response_format"],
  },
  {
    name: "describes a schema where compat says that there are none",
    fields: { "response_format": SCHEMA_FORMAT },
    options: { provider: providerOf("https://api.openai.com", { compat: { jsonSchema: false } }) },
    expected: { messages: [DESCRIBED, USER], "response_format": { type: "json_object" } },
  },
  {
    name: "describes a schema to DeepSeek",
    fields: { "response_format": SCHEMA_FORMAT },
    options: { provider: providerOf("https://api.deepseek.com"), model: modelOf("deepseek-chat") },
    expected: { messages: [DESCRIBED, USER], "response_format": { type: "json_object" } },
  },
];

testRows([...MESSAGE_ROWS, ...FORMAT_ROWS]);
