import assert from "node:assert/strict";
import { ollama } from "../../src/providers/ollama.ts";
import { roundContext } from "../../src/providers/ollama_option.ts";
import { callOf, encode, MODEL } from "../support/ollama_case.ts";

Deno.test("encodeRequest() of ollama refuses what exceeds the window, in OpenAI's sentence", () => {
  const encoded = ollama.encodeRequest(callOf({}, { inputTokens: 50_000 }));
  assert.ok(encoded.type === "refused");
  assert.deepEqual(encoded.fault, {
    kind: "context_overflow",
    status: null,
    message: "This model's maximum context length is 40960 tokens. However, your messages " +
      "resulted in 50000 tokens. Please reduce the length of the messages.",
    type: "invalid_request_error",
    code: "context_length_exceeded",
    param: "messages",
  });
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
