import assert from "node:assert/strict";
import type { ChatRequest } from "../../src/core/chat.ts";
import { startSimulatedProviders } from "../../src/demo/simulated_providers.ts";
import type { StreamEvent } from "../../src/providers/adapter.ts";
import { ollama } from "../../src/providers/ollama.ts";
import { callOf, contextOf, lineFrame, MODEL, PROVIDER } from "../support/ollama_case.ts";

/** Sends a request through the adapter to the simulated Ollama, as a stream. */
async function roundTrip(fields: Partial<ChatRequest>): Promise<readonly StreamEvent[]> {
  const ending = new AbortController();
  const wait = () => Promise.resolve();
  const { endpoints, finished } = startSimulatedProviders({ signal: ending.signal, wait });
  const { baseUrl, modelId } = endpoints.local;
  const call = callOf(fields, {
    stream: true,
    model: { ...MODEL, modelId },
    provider: { ...PROVIDER, baseUrl },
  });
  const encoded = ollama.encodeRequest(call);
  assert.ok(encoded.type === "request");
  const { url, headers, body } = encoded;
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const lines = (await response.text()).split("\n");
  ending.abort();
  await finished;
  const decoder = ollama.createDecoder(contextOf());
  return [...lines.flatMap((line) => decoder.decode(lineFrame(line))), ...decoder.end()];
}

Deno.test("the ollama adapter and the simulated Ollama understand each other", async () => {
  const events = await roundTrip({
    "messages": [
      { "role": "developer", "content": "Be kind." },
      { "role": "user", "content": [{ "type": "text", "text": "How is the weather in Oslo?" }] },
    ],
    "tools": [{
      "type": "function",
      "function": {
        "name": "get_weather",
        "parameters": { "type": "object", "properties": { "city": { "type": "string" } } },
      },
    }],
  });
  const choices = events.flatMap((event) => event.type === "chunk" ? event.chunk.choices : []);
  const deltas = choices.flatMap((choice) => choice.delta["tool_calls"] ?? []);
  assert.deepEqual(deltas.map((delta) => delta.function), [
    { "name": "get_weather", "arguments": '{"city":"Oslo"}' },
  ]);
  assert.equal(choices.at(-1)?.["finish_reason"], "tool_calls");
  assert.equal(events.at(-1)?.type, "done");
});
