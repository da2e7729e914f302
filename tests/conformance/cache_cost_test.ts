import assert from "node:assert/strict";
import { arrayAt, numberAt, objectAt } from "../../src/core/json.ts";
import { askFor, withLadder } from "../support/cascade_case.ts";
import { anthropicSaid, say } from "./answers.ts";

/** 200 plain, 1,500 read, 100 written for five minutes and 200 for an hour, 9 of output. */
const USAGE = {
  "input_tokens": 200,
  "cache_read_input_tokens": 1_500,
  "cache_creation_input_tokens": 300,
  "cache_creation": { "ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200 },
  "output_tokens": 9,
};

const PRICES = "input_per_m = 10.0\noutput_per_m = 50.0\ncache_read_per_m = 1.0\n" +
  "cache_write_per_m = 12.5";

const COST = (200 * 10 + 1_500 * 1 + 100 * 12.5 + 200 * 20 + 9 * 50) / 1e6;

for (const stream of [false, true]) {
  const way = stream ? "streamed" : "whole";
  Deno.test(`what Anthropic caches for an hour costs twice the input price, ${way}`, async () => {
    const said = anthropicSaid({ text: ["Hi."], usage: { input: 0, output: 9 } }, { usage: USAGE });
    const model = `model_id = "claude-haiku-4-5"\n${PRICES}`;
    const rung = { alias: "claude", kind: "anthropic", model } as const;
    await withLadder([{ ...rung, script: (exchange) => say(exchange, said) }], async (ladder) => {
      const { daemon } = ladder;
      const got = await askFor(daemon, stream, { "stream_options": { "include_usage": true } });
      const usage = got.bodies.map((body) => objectAt(body, "usage")).find(Boolean);
      const details = objectAt(usage, "prompt_tokens_details");
      assert.equal(numberAt(usage, "prompt_tokens"), 2_000);
      assert.equal(numberAt(details, "cached_tokens"), 1_500);
      assert.equal(numberAt(details, "cache_write_tokens"), 300);
      assert.equal(arrayAt(got.bodies.at(-1), "choices").length, stream ? 0 : 1);
      const { attempts: [attempt] } = await daemon.ledger();
      assert.equal(attempt?.["cost_usd"], COST);
      assert.equal(attempt?.["cache_write_tokens"], 300);
    });
  });
}
