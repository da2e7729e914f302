import assert from "node:assert/strict";
import type { ProviderKind } from "../../src/core/provider.ts";
import { rowTest } from "../support/fault_row.ts";
import { RICH_CALLS, RICH_REASONING, RICH_STREAMS, RICH_TEXT } from "../support/rich_stream.ts";
import type { SeenStream } from "../support/seen_stream.ts";
import { encodeChunk } from "../support/upstream.ts";
import { forEachVariant, withVariants } from "../support/variant_case.ts";

const KINDS: readonly ProviderKind[] = ["openai", "anthropic", "ollama"];

/** The body's bytes as they stand on the wire: each event is a chunk, the last one ends the body. */
function wireOf(kind: ProviderKind): Uint8Array {
  const chunks = RICH_STREAMS[kind].map(encodeChunk);
  return new Uint8Array([...chunks, new TextEncoder().encode("0\r\n\r\n")].flatMap((c) => [...c]));
}

function assertWhole(seen: SeenStream, kind: ProviderKind): void {
  const { chunks, text, finish, doneCount, errors } = seen;
  assert.deepEqual([text, finish, doneCount, errors], [RICH_TEXT.join(""), "tool_calls", 1, []]);
  const told = JSON.stringify(chunks);
  assert.ok(told.includes(`"reasoning_content":${JSON.stringify(RICH_REASONING)}`));
  assert.match(told, /"total_tokens":18/);
  const deltas = JSON.parse(told).flatMap((chunk: { choices: { delta: object }[] }) =>
    Reflect.get(chunk.choices[0]?.delta ?? {}, "tool_calls") ?? []
  );
  for (const [index, call] of RICH_CALLS.entries()) {
    const pieces = deltas.filter((piece: { index: number }) => piece.index === index);
    const args = pieces.map((piece: { function: { arguments: string } }) =>
      piece.function.arguments
    );
    assert.equal(pieces[0].function.name, call.name);
    assert.deepEqual(JSON.parse(args.join("")), JSON.parse(call.args), kind);
  }
}

/** None for 0, every one for the last variant, else the one of that number. */
function offsetsOf(variant: number, length: number): readonly number[] {
  if (variant === 0) return [];
  return variant < length ? [variant] : Array.from({ length: length - 1 }, (_, at) => at + 1);
}

for (const kind of KINDS) {
  const wire = wireOf(kind);
  const count = wire.length + 1;
  rowTest("split-anywhere", {
    name: `a stream of ${kind} that is split at any byte of the wire is the same stream`,
    limitMs: 40_000,
    body: () =>
      withVariants({
        kind,
        count,
        script: async (exchange, variant) => {
          await exchange.sendStreamHead();
          await exchange.sendSplit(wire, offsetsOf(variant, wire.length));
          exchange.end();
        },
      }, async ({ ask, spare }) => {
        const whole = await ask(0);
        assertWhole(whole, kind);
        await forEachVariant(count, async (variant) => {
          const seen = await ask(variant);
          assert.deepEqual(seen.chunks, whole.chunks, `split at byte ${variant}`);
          assert.equal(seen.doneCount, 1);
        });
        assert.equal(spare.exchanges.length, 0);
      }),
  });
}
