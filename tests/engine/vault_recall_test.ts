import assert from "node:assert/strict";
import { arrayAt, type JsonObject, objectAt, stringAt } from "../../src/core/json.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { readResponse } from "../support/got.ts";
import { type Script, Upstream } from "../support/upstream.ts";

const TOOLS = [{ "type": "function", "function": { "name": "f" } }];
const CALL = { id: "toolu_01A09q90qw90lq917835lq9", name: "f", arguments: "{}" };
const ASK = { "role": "user", "content": "Use the tool." };
const MODEL = 'model_id = "claude-haiku-4-5"';

/** Thinks and calls, then answers. */
const thinks: Script = (exchange, position) =>
  exchange.answer(
    position % 2 === 0 ? { reasoning: ["Hm, ", "a tool."], calls: [CALL] } : { text: ["Done."] },
  );

/** The same, but its own thinking is no longer valid: a key was changed, say. */
const forgets: Script = (exchange, position) => {
  const text = JSON.stringify(exchange.body);
  if (position === 0 || !text.includes('"signature"')) return thinks(exchange, position && 1);
  return exchange.sendWhole(400, {
    "type": "error",
    "error": {
      "type": "invalid_request_error",
      "message": "messages.1.content.0: Invalid `signature` in `thinking` block",
    },
  });
};

/** Asks, and brings back of the answer what clients of OpenAI's API do. */
async function takeStep(
  daemon: TestDaemon,
  stream: boolean,
): Promise<{ readonly dropped: string | null; readonly text: string }> {
  const request = { "model": "one", stream, tools: TOOLS, "reasoning_effort": "high" };
  const first = await daemon.chat({ ...request, "messages": [ASK] });
  await first.text();
  const call: JsonObject = {
    "id": CALL.id,
    "type": "function",
    "function": { "name": "f", "arguments": "{}" },
  };
  const messages = [
    ASK,
    { "role": "assistant", "content": null, "tool_calls": [call] },
    { "role": "tool", "tool_call_id": CALL.id, "content": "42" },
  ];
  const second = await daemon.chat({ ...request, messages });
  const dropped = second.headers.get("x-pirouter-dropped");
  return { dropped, text: (await readResponse(second)).text };
}

for (const stream of [true, false]) {
  const how = stream ? "streamed" : "whole";

  timedTest(`a model gets its own thinking back within a tool turn, ${how}`, async () => {
    await using upstream = new Upstream("anthropic", thinks);
    await using daemon = await TestDaemon.start(
      tomlFor([{ alias: "one", upstream, model: MODEL }]),
    );
    assert.deepEqual(await takeStep(daemon, stream), { dropped: null, text: "Done." });
    const { body } = upstream.exchanges[1] ?? assert.fail("no second request");
    const [, said] = arrayAt(body, "messages");
    const [thinking, use] = arrayAt(said, "content");
    const signature = stringAt(thinking, "signature");
    assert.ok(signature);
    assert.deepEqual(thinking, { "type": "thinking", "thinking": "Hm, a tool.", signature });
    assert.equal(stringAt(use, "type"), "tool_use");
    assert.equal(stringAt(objectAt(body, "thinking"), "type"), "enabled");
  });

  timedTest(`thinking that is no longer valid costs no conversation, ${how}`, async () => {
    await using upstream = new Upstream("anthropic", forgets);
    await using daemon = await TestDaemon.start(
      tomlFor([{ alias: "one", upstream, model: MODEL }]),
    );
    assert.deepEqual(await takeStep(daemon, stream), {
      dropped: "reasoning_effort",
      text: "Done.",
    });
    assert.equal(upstream.exchanges.length, 3);
  });
}
