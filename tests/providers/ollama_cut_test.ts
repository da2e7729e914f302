import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChatMessage } from "../../src/core/chat.ts";
import { errorOfFault } from "../../src/core/errors.ts";
import { estimateInputTokens } from "../../src/core/features.ts";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import type { AnswerContext } from "../../src/providers/adapter.ts";
import { ollama } from "../../src/providers/ollama.ts";
import { contextOf, lineFrame, MODEL, requestOf } from "../support/ollama_case.ts";

const SENTENCE = "The quick brown fox jumps over the lazy dog, and nobody in the house hears it. ";

/** English text of about so many tokens. */
function textOf(tokens: number): string {
  return SENTENCE.repeat(Math.ceil(tokens / 19));
}

function user(tokens: number): ChatMessage {
  return { "role": "user", "content": textOf(tokens) };
}

function callWith(text: string): ChatMessage {
  const called = { "name": "f", "arguments": text };
  const call = { "id": "a", "type": "function", "function": called } as const;
  return { "role": "assistant", "content": null, "tool_calls": [call] };
}

const CALL = callWith("{}");

interface CutCase {
  readonly name: string;
  readonly messages: readonly ChatMessage[];
  /** What the server says that it read. */
  readonly read: number | undefined;
  readonly window?: number;
  readonly fields?: JsonObject;
  readonly model?: Partial<typeof MODEL>;
  readonly isCut: boolean;
  /** Whether it is believed where the server does not say what it is; left out, it is. */
  readonly isLikely?: boolean;
}

const RESULT: ChatMessage = {
  "role": "tool",
  "tool_call_id": "a",
  "content": textOf(20_000),
};

const CASES: readonly CutCase[] = [
  { name: "all of the text", messages: [user(10_000)], read: 9_000, isCut: false },
  { name: "a fifth of the text", messages: [user(20_000)], read: 4_096, isCut: true },
  { name: "more than half of it", messages: [user(20_000)], read: 11_000, isCut: false },
  { name: "nothing that is known", messages: [user(20_000)], read: undefined, isCut: false },
  { name: "nothing, from memory", messages: [user(20_000)], read: 0, isCut: false },
  { name: "a little of a short text", messages: [user(900)], read: 5, isCut: false },
  {
    name: "a full window of a longer text",
    messages: [user(3_000)],
    read: 2_047,
    window: 2_048,
    isCut: true,
  },
  {
    name: "a full window of a text that fits",
    messages: [user(1_900)],
    read: 2_040,
    window: 2_048,
    isCut: false,
  },
  {
    name: "the end of a conversation",
    messages: [user(9_000), { "role": "assistant", "content": "Yes." }, user(9_000), {
      "role": "assistant",
      "content": "No.",
    }, user(100)],
    read: 4_000,
    isCut: true,
  },
  {
    name: "the newest message alone, the rest being cached",
    messages: [user(9_000), { "role": "assistant", "content": "Yes." }, user(500)],
    read: 480,
    isCut: false,
  },
  {
    name: "the newest question alone, the instructions being cached",
    messages: [{ "role": "system", "content": textOf(9_000) }, user(500)],
    read: 520,
    isCut: false,
  },
  {
    name: "text without the tools, which templates write anew",
    messages: [user(2_000)],
    fields: {
      "tools": [{ "type": "function", "function": { "name": "f", "description": textOf(9_000) } }],
    },
    read: 2_000,
    isCut: false,
  },
  {
    name: "text without the JSON schema, which is no part of the prompt",
    messages: [user(2_000)],
    fields: { "response_format": { "type": "json_schema", "json_schema": { "a": textOf(9_000) } } },
    read: 2_000,
    isCut: false,
  },
  {
    name: "text without its images, which cost what the model makes of them",
    messages: [{
      "role": "user",
      "content": [
        { "type": "text", "text": textOf(1_500) },
        ...Array.from({ length: 9 }, () => ({
          "type": "image_url" as const,
          "image_url": { "url": "data:image/png;base64,aGk=" },
        })),
      ],
    }],
    read: 3_000,
    isCut: false,
  },
  {
    name: "a table whose borders are long runs",
    messages: [{ "role": "user", "content": `| ${"-".repeat(60)} |\n`.repeat(400) }],
    read: 1_600,
    isCut: false,
  },
  {
    name: "a ruler of two characters",
    messages: [{ "role": "user", "content": "=-".repeat(5_000) }],
    read: 600,
    isCut: false,
  },
  {
    name: "a border of four characters",
    messages: [{ "role": "user", "content": "~=*-".repeat(2_500) }],
    read: 600,
    isCut: false,
  },
  {
    name: "a third of the text, which no window explains",
    messages: [user(20_000)],
    read: 7_000,
    isCut: true,
    isLikely: false,
  },
  {
    name: "so little that a cache may have held the rest",
    messages: [user(20_000)],
    read: 200,
    isCut: true,
    isLikely: false,
  },
  {
    name: "nearly a usual window of twice the text",
    messages: [user(20_000)],
    read: 8_185,
    isCut: true,
  },
  {
    name: "a part of the results of tools",
    messages: [user(100), CALL, RESULT, { "role": "assistant", "content": "Done." }, user(50)],
    read: 2_000,
    isCut: true,
  },
  {
    name: "text without the results that a model without tools is not shown",
    messages: [user(900), CALL, RESULT, user(900)],
    model: { supportsTools: false },
    read: 1_700,
    isCut: false,
  },
  {
    name: "text without the calls that a model without tools is not shown",
    messages: [
      user(900),
      callWith(JSON.stringify({ "a": textOf(20_000) })),
      { ...RESULT, "content": "ok" },
      user(900),
    ],
    model: { supportsTools: false },
    read: 1_700,
    isCut: false,
  },
];

function contextFor({ messages, fields = {}, window, model }: CutCase): AnswerContext {
  const request = requestOf({ "messages": messages, ...fields });
  return {
    ...contextOf(),
    request,
    model: { ...MODEL, ...model },
    inputTokens: estimateInputTokens(request),
    ...(window === undefined ? {} : { window }),
  };
}

function lastLine(read: number | undefined): JsonObject {
  return {
    "model": "qwen3:8b",
    "message": { "role": "assistant", "content": "Hi" },
    "done": true,
    "done_reason": "stop",
    ...(read === undefined ? {} : { "prompt_eval_count": read }),
    "eval_count": 9,
  };
}

for (const cut of CASES) {
  const verdict = cut.isCut ? "a cut prompt" : "no fault";
  Deno.test(`ollama: a server that has read ${cut.name} means ${verdict}`, () => {
    const context = contextFor(cut);
    const whole = ollama.decodeAnswer(lastLine(cut.read), context);
    const events = ollama.createDecoder(context).decode(lineFrame(lastLine(cut.read)));
    const end = events.at(-1);
    if (!cut.isCut) {
      assert.equal(whole.type, "answer");
      assert.equal(end?.type, "done");
      return;
    }
    assert.ok(whole.type === "doubt" && end?.type === "doubt");
    assert.equal(whole.otherwise.type, "answer");
    assert.deepEqual(end.otherwise.map(({ type }) => type), ["chunk", "done"]);
    assert.deepEqual(whole.fault, end.fault);
    assert.equal(whole.fault.kind, "context_overflow");
    assert.deepEqual([whole.isLikely, end.isLikely], Array(2).fill(cut.isLikely ?? true));
    assert.match(whole.fault.message, new RegExp(`: Ollama read only ${cut.read} tokens of`));
    assert.match(whole.fault.message, /num_ctx.*update Ollama.*OLLAMA_CONTEXT_LENGTH/);
    assert.equal(whole.usage?.["prompt_tokens"], cut.read);
    const finished = events.filter((event) =>
      event.type === "chunk" && event.chunk.choices[0]?.finish_reason
    );
    assert.deepEqual(finished, [], "no sign of a normal end");
  });
}

Deno.test("ollama: no realistic ratio of tokens to their estimate is taken for a cut", () => {
  // Tokens by o200k_base for one of tokenx: English 0.76, Chinese 0.63, code 0.96, logs 1.19, hex 2.7.
  const ratio = fc.double({ min: 0.55, max: 3.7, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60_000 }), ratio, (tokens, factor) => {
      const messages = [user(tokens)];
      const estimate = estimateInputTokens(requestOf({ "messages": messages }));
      const read = Math.ceil(estimate * factor);
      const context = contextFor({ name: "", messages, read, isCut: false });
      assert.equal(ollama.decodeAnswer(lastLine(read), context).type, "answer");
    }),
    { seed: 41, numRuns: 100 },
  );
});

Deno.test("ollama: whatever a smaller window leaves of a long prompt is noticed", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(2_048, 4_096, 8_192),
      fc.integer({ min: 3, max: 20 }),
      (window, times) => {
        const messages = [user(window * times)];
        const context = contextFor({ name: "", messages, read: window, isCut: true });
        assert.equal(ollama.decodeAnswer(lastLine(window), context).type, "doubt");
      },
    ),
    { seed: 42, numRuns: 50 },
  );
});

Deno.test("ollama: the error of a cut prompt says nothing that contradicts itself", () => {
  const context = contextFor({ name: "", messages: [user(9_000)], read: 1_671, isCut: true });
  const doubt = ollama.decodeAnswer(lastLine(1_671), context);
  assert.ok(doubt.type === "doubt");
  const { message, code } = errorOfFault(doubt.fault, { inputTokens: 1, contextWindow: 40_960 });
  assert.equal(code, "context_length_exceeded");
  // Clients know it by the first words (litellm), or by the code's name in the text (Pi).
  assert.match(message, /^This model's maximum context length is exceeded/);
  assert.match(message, /context_length_exceeded/);
  assert.equal(message, doubt.fault.message, "no numbers of the config's window beside it");
});

/** What servers say of themselves, and whether they cut what does not fit; null: they don't say. */
const VERSIONS: readonly (readonly [JsonValue, boolean | null])[] = [
  [{ "version": "0.12.4" }, false],
  [{ "version": "0.12.10-rc1" }, false],
  [{ "version": "0.30.0" }, false],
  [{ "version": "v1.0.0" }, false],
  [{ "version": "0.12.3" }, true],
  [{ "version": "0.5.13" }, true],
  [{ "version": "0.0.0" }, null],
  [{ "version": "latest" }, null],
  [{}, null],
  [null, null],
];

for (const [body, isFounded] of VERSIONS) {
  const verdict = isFounded === null ? "may cut" : isFounded ? "cuts" : "refuses";
  Deno.test(`ollama: ${JSON.stringify(body)} ${verdict} long prompts`, () => {
    assert.equal(ollama.doubtQuery?.isFounded(body), isFounded);
  });
}
