import assert from "node:assert/strict";
import type { ProviderKind } from "../../src/core/provider.ts";
import { KINDS } from "../support/cascade_case.ts";
import { rowTest } from "../support/fault_row.ts";
import { chunksOf, type Got } from "../support/got.ts";
import { RICH_CALLS, RICH_REASONING, RICH_STREAMS, RICH_TEXT } from "../support/rich_stream.ts";
import { callsIn } from "../support/seen_call.ts";
import { encodeChunk } from "../support/upstream.ts";
import { forEachVariant, withVariants } from "../support/variant_case.ts";

/** The body's bytes as they stand on the wire: each event is a chunk, the last one ends the body. */
function wireOf(kind: ProviderKind): Uint8Array {
  const chunks = RICH_STREAMS[kind].map(encodeChunk);
  return new Uint8Array([...chunks, new TextEncoder().encode("0\r\n\r\n")].flatMap((c) => [...c]));
}

function assertWhole(got: Got): void {
  const { text, finish, doneCount, errors } = got;
  assert.deepEqual([text, finish, doneCount, errors], [RICH_TEXT.join(""), "tool_calls", 1, []]);
  const told = JSON.stringify(chunksOf(got));
  assert.ok(told.includes(`"reasoning_content":${JSON.stringify(RICH_REASONING)}`));
  assert.match(told, /"total_tokens":18/);
  const calls = callsIn(got).map(({ name, args }) => [name, JSON.parse(args)]);
  assert.deepEqual(calls, RICH_CALLS.map(({ name, args }) => [name, JSON.parse(args)]));
}

/** Into so many parts the bytes are divided of which all are split: at once, as each byte takes 2 ms. */
const PART_COUNT = 4;

/** Where each variant is split: at all bytes of a part (these take longest and begin first), at one, nowhere. */
function splitsOf(length: number): readonly (readonly number[])[] {
  const all = Array.from({ length: length - 1 }, (_, at) => at + 1);
  const partLength = Math.ceil(all.length / PART_COUNT);
  const parts = Array.from(
    { length: PART_COUNT },
    (_, part) => all.slice(part * partLength, (part + 1) * partLength),
  );
  return [...parts, ...all.map((at) => [at]), []];
}

for (const kind of KINDS) {
  const wire = wireOf(kind);
  const splits = splitsOf(wire.length);
  rowTest("split-anywhere", {
    name: `a stream of ${kind} that is split at any byte of the wire is the same stream`,
    limitMs: 40_000,
    body: () =>
      withVariants({
        kind,
        count: splits.length,
        script: async (exchange, variant) => {
          await exchange.sendStreamHead();
          await exchange.sendSplit(wire, splits[variant] ?? []);
          exchange.end();
        },
      }, async ({ ask, spare }) => {
        const gots = await forEachVariant(splits.length, (variant) => ask(variant));
        const whole = gots.at(-1);
        assert.ok(whole);
        assertWhole(whole);
        const chunks = chunksOf(whole);
        for (const [variant, got] of gots.entries()) {
          assert.deepEqual(chunksOf(got), chunks, `split at ${splits[variant]}`);
          assert.equal(got.doneCount, 1);
        }
        assert.equal(spare.exchanges.length, 0);
      }),
  });
}
