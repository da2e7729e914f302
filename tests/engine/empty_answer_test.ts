import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { ASK, askFor, outcomesOf, SPARE_TEXT, withCascade } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { type Script, Upstream } from "../support/upstream.ts";
import { openaiChunk } from "../support/upstream_wire_openai.ts";

/** Reasoning, then the output limit, before a word of the answer. */
const onlyReasons = (finish: "stop" | "length"): Script => async (exchange) => {
  const reasoning = { "reasoning_content": "Let me think about this." };
  if (exchange.body["stream"] !== true) {
    const message: JsonObject = { "role": "assistant", "content": "", ...reasoning };
    return await exchange.sendWhole(200, {
      "id": "a",
      "object": "chat.completion",
      "created": 1,
      "model": "m",
      "choices": [{ "index": 0, "message": message, "finish_reason": finish }],
    });
  }
  await exchange.sendStreamHead();
  await exchange.sendChunk(openaiChunk(reasoning, null));
  await exchange.sendChunk(openaiChunk({}, finish));
  await exchange.sendChunk("data: [DONE]\n\n");
  await exchange.endChunks();
};

for (const stream of [true, false]) {
  const mode = stream ? "streamed" : "whole";
  for (const finish of ["stop", "length"] as const) {
    timedTest(
      `reasoning alone that ends with ${finish} leads to the next candidate, ${mode}`,
      () =>
        withCascade(onlyReasons(finish), async ({ daemon }) => {
          assert.equal((await askFor(daemon, stream)).text, SPARE_TEXT);
          assert.deepEqual(await outcomesOf(daemon), ["first:empty", "spare:ok"]);
        }),
    );
  }

  timedTest(`the last candidate's reasoning alone is an error, ${mode}`, async () => {
    await using upstream = new Upstream("openai", onlyReasons("stop"));
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream }]));
    const got = await askFor(daemon, stream);
    assert.equal(got.error?.["code"] !== undefined, true);
    assert.ok(!got.raw.includes("[DONE]"));
    assert.deepEqual(await outcomesOf(daemon), ["one:empty"]);
  });

  timedTest(`the last candidate's limit is told when it cut the answer, ${mode}`, async () => {
    await using upstream = new Upstream("openai", onlyReasons("length"));
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream }]));
    const response = await daemon.chat({ ...ASK, stream });
    assert.equal(response.status, 200);
    assert.match(await response.text(), /"finish_reason":"length"/);
    assert.deepEqual(await outcomesOf(daemon), ["one:ok"]);
  });
}

timedTest("an answer without content still costs what its provider counted", async () => {
  const usage = { "prompt_tokens": 1000, "completion_tokens": 500 };
  await using upstream = new Upstream("openai", (exchange) =>
    exchange.sendWhole(200, {
      "id": "a",
      "object": "chat.completion",
      "created": 1,
      "model": "m",
      "choices": [{
        "index": 0,
        "message": { "role": "assistant", "content": "" },
        "finish_reason": "stop",
      }],
      "usage": usage,
    }));
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream }]));
  await (await daemon.chat(ASK)).text();
  const { attempts } = await daemon.ledger();
  const [attempt] = attempts;
  assert.deepEqual(
    [attempt?.["outcome"], attempt?.["input_tokens"], attempt?.["output_tokens"]],
    ["empty", 1000, 500],
  );
  assert.equal(attempt?.["usage_source"], "provider");
});
