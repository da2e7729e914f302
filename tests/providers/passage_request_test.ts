import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { parsePassageRequest, type PassageEndpoint } from "../../src/core/passage.ts";
import { encodePassage } from "../../src/providers/passage_request.ts";
import { modelOf, providerOf } from "../support/openai_call.ts";

interface Row {
  readonly endpoint: PassageEndpoint;
  readonly body: JsonObject;
  /** What a chat with the same model has taught, too. */
  readonly refused: readonly string[];
  readonly left: readonly string[];
  readonly dropped: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    endpoint: "embeddings",
    body: { "input": "a", "user": "u", "dimensions": 8, "encoding_format": "base64" },
    refused: ["user", "dimensions", "encoding_format", "input"],
    left: ["input", "dimensions", "encoding_format", "model"],
    dropped: ["user"],
  },
  {
    endpoint: "completions",
    body: { "prompt": "a", "stop": "b", "suffix": "c", "seed": 1, "logprobs": 2, "top_p": 1 },
    refused: ["stop", "suffix", "seed", "logprobs", "top_p", "toString"],
    left: ["prompt", "stop", "suffix", "logprobs", "model"],
    dropped: ["seed", "top_p"],
  },
  {
    endpoint: "completions",
    body: { "prompt": "a", "stream": true },
    refused: ["user", "stream_options"],
    left: ["prompt", "stream", "model"],
    dropped: [],
  },
];

for (const { endpoint, body, refused, left, dropped } of ROWS) {
  Deno.test(`encodePassage() sends ${left} to ${endpoint} after refusals of ${refused}`, () => {
    const parsed = parsePassageRequest({ ...body, "model": "m" }, endpoint);
    assert.ok(parsed.ok);
    const encoded = encodePassage({
      request: parsed.value,
      model: modelOf("m"),
      provider: providerOf("http://127.0.0.1:1/v1"),
      refusedFields: new Set(refused),
    });
    assert.deepEqual(Object.keys(encoded.body).sort(), [...left].sort());
    assert.deepEqual([...encoded.dropped].sort(), [...dropped].sort());
  });
}
