import assert from "node:assert/strict";
import type { ContentPart } from "../../src/core/chat.ts";
import { estimateInputTokens } from "../../src/core/features.ts";
import { ollama } from "../../src/providers/ollama.ts";
import { roundContext } from "../../src/providers/ollama_option.ts";
import { callOf, encode, MODEL, requestOf } from "../support/ollama_case.ts";

Deno.test("encodeRequest() of ollama refuses what exceeds the window, in OpenAI's sentence", () => {
  const messages = [{ "role": "user", "content": "word ".repeat(90_000) }] as const;
  const encoded = ollama.encodeRequest(callOf({ "messages": messages }, { inputTokens: 95_000 }));
  assert.ok(encoded.type === "refused");
  assert.deepEqual(encoded.fault, {
    kind: "context_overflow",
    status: null,
    message: "This model's maximum context length is 40960 tokens. However, your messages " +
      "resulted in 90004 tokens. Please reduce the length of the messages.",
    type: "invalid_request_error",
    code: "context_length_exceeded",
    param: "messages",
  });
});

interface FittingCase {
  readonly name: string;
  readonly content: string | readonly ContentPart[];
  readonly window: number;
}

const CHINESE = "人工智能正在改变我们的生活方式和工作方式，未来的发展方向值得每一个人认真思考。";
const IMAGE = {
  "type": "image_url",
  "image_url": { "url": "data:image/png;base64,aGk=" },
} as const;

const FITTING: readonly FittingCase[] = [
  {
    name: "Chinese that a vocabulary makes less of",
    content: CHINESE.repeat(1_000),
    window: 32_768,
  },
  {
    name: "images that cost what the model makes of them",
    content: Array(8).fill(IMAGE),
    window: 8_192,
  },
  { name: "a ruler that costs next to nothing", content: "=-".repeat(30_000), window: 4_096 },
];

for (const { name, content, window } of FITTING) {
  Deno.test(`encodeRequest() of ollama leaves it to the server to count ${name}`, () => {
    const request = requestOf({ "messages": [{ "role": "user", content }] });
    const inputTokens = estimateInputTokens(request);
    assert.ok(inputTokens > window, "the estimate alone would refuse it");
    const model = { ...MODEL, contextWindow: window };
    const { body } = encode(request, { model, inputTokens });
    assert.equal(Reflect.get(Object(body["options"]), "num_ctx"), window);
    assert.equal(body["truncate"], false);
  });
}

Deno.test("encodeRequest() of ollama takes no text for less than a token for eight characters", () => {
  for (const content of ["\n".repeat(80_000), [{ "type": "text", "text": " ".repeat(80_000) }]]) {
    const { body } = encode({ "messages": [{ "role": "user", content }] }, { inputTokens: 9 });
    assert.equal(Reflect.get(Object(body["options"]), "num_ctx"), 16_384); // 10,000 + 4,096
  }
});

Deno.test("encodeRequest() of ollama sends any estimate when the window is unknown", () => {
  const model = { ...MODEL, contextWindow: null };
  const { body } = encode({}, { model, inputTokens: 500_000 });
  assert.deepEqual(body["options"], { "num_ctx": 1_048_576 });
});

interface ContextCase {
  readonly inputTokens: number;
  readonly output: number | null;
  readonly numCtx: number;
}

const CONTEXTS: readonly ContextCase[] = [
  { inputTokens: 10, output: null, numCtx: 8192 },
  { inputTokens: 10, output: 16, numCtx: 4096 },
  { inputTokens: 3276, output: null, numCtx: 8192 }, // 4095 + 4096
  { inputTokens: 3277, output: null, numCtx: 16_384 }, // 4097 + 4096
  { inputTokens: 10_000, output: 8000, numCtx: 32_768 },
  { inputTokens: 30_000, output: null, numCtx: 40_960 }, // the model's own window
  { inputTokens: 40_960, output: 32_000, numCtx: 40_960 },
];

for (const { inputTokens, output, numCtx } of CONTEXTS) {
  Deno.test(`encodeRequest() of ollama asks for ${numCtx} for ${inputTokens} in, ${output} out`, () => {
    const { body } = encode({ "max_tokens": output }, { inputTokens });
    assert.equal(Reflect.get(Object(body["options"]), "num_ctx"), numCtx);
  });
}

interface LoadedCase {
  readonly loaded: number | null;
  readonly window: number | null;
  readonly own?: number;
  readonly numCtx: number;
}

const LOADED: readonly LoadedCase[] = [
  { loaded: null, window: 40_960, numCtx: 8192 },
  { loaded: 32_768, window: 40_960, numCtx: 32_768 },
  { loaded: 4096, window: 40_960, numCtx: 8192 },
  { loaded: 131_072, window: 40_960, numCtx: 40_960 },
  { loaded: 131_072, window: null, numCtx: 131_072 },
  { loaded: 32_768, window: 40_960, own: 2048, numCtx: 2048 },
];

for (const { loaded, window, own, numCtx } of LOADED) {
  const given = own === undefined ? "" : `, the client's own being ${own}`;
  Deno.test(`encodeRequest() of ollama asks for ${numCtx} with ${loaded} of ${window} loaded${given}`, () => {
    const model = { ...MODEL, contextWindow: window };
    const fields = own === undefined ? {} : { "options": { "num_ctx": own } };
    const request = encode(fields, { model, loadedWindow: loaded });
    assert.equal(Reflect.get(Object(request.body["options"]), "num_ctx"), numCtx);
    assert.equal(request.window, numCtx);
  });
}

Deno.test("roundContext() keeps a need that is a step of the ladder", () => {
  assert.deepEqual([1, 4096, 4097, 8192, 8193].map((need) => roundContext(need, null)), [
    4096,
    4096,
    8192,
    8192,
    16_384,
  ]);
});
