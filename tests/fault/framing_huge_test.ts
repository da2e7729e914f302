import assert from "node:assert/strict";
import { cpuUsage } from "node:process";
import { KINDS, SPARE_TEXT } from "../support/cascade_case.ts";
import { within } from "../support/deadline.ts";
import { rowTest } from "../support/fault_row.ts";
import type { Exchange } from "../support/upstream.ts";
import { streamEvents } from "../support/upstream_wire.ts";
import { type Variants, withVariants } from "../support/variant_case.ts";

const MB = 1_048_576;

/** Bytes of one write: a line of 8 MB takes 2,048 of them. */
const PIECE_BYTES = 4_096;

/** Sends an answer with one text of this length, in many small writes. */
async function sendLongLine(exchange: Exchange, length: number): Promise<void> {
  const bytes = new TextEncoder().encode(
    streamEvents(exchange.kind, { text: ["x".repeat(length)] }).join(""),
  );
  await exchange.sendStreamHead({ "connection": "close" });
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    await exchange.sendRaw(bytes.subarray(start, start + PIECE_BYTES));
  }
  exchange.cut();
}

/**
 * Milliseconds of the processor that the cheapest of three answers with this one line took: how long
 * they last depends on what else the machine does.
 */
async function leastCpuMs(ask: Variants["ask"], megabytes: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    const before = cpuUsage();
    const seen = await ask(megabytes);
    const { user, system } = cpuUsage(before);
    times.push((user + system) / 1_000);
    assert.deepEqual([seen.text.length, seen.doneCount], [megabytes * MB, 1]);
  }
  return Math.min(...times);
}

for (const kind of KINDS) {
  rowTest("huge-line", {
    name: `${kind}: a line of 8 MB takes about four times as long as one of 2 MB`,
    limitMs: 40_000,
    body: () =>
      withVariants({
        kind,
        count: 9,
        script: (exchange, megabytes) => sendLongLine(exchange, megabytes * MB),
      }, async ({ ask }) => {
        await leastCpuMs(ask, 1);
        const ratio = 1 / await leastCpuMs(ask, 2) * await leastCpuMs(ask, 8);
        assert.ok(ratio < 8, `8 MB takes ${ratio.toFixed(1)} times as long as 2 MB`);
      }),
  });

  rowTest("huge-line", {
    name: `${kind}: a line without end is malformed at its cap, and its socket is closed`,
    limitMs: 40_000,
    body: () =>
      withVariants({
        kind,
        count: 2,
        script: async (exchange, variant) => {
          const events = streamEvents(kind, { text: ["one", "two"] });
          const start = events.slice(0, events.findIndex((event) => event.includes('"two"')));
          await exchange.sendStreamHead();
          if (variant === 1) await exchange.sendChunk(start.join(""));
          await exchange.sendChunk(kind === "ollama" ? '{"message":{"content":"' : 'data: {"x":"');
          await flood(exchange);
        },
      }, async ({ ask, varied, daemon }) => {
        const before = await ask(0);
        assert.deepEqual([before.text, before.doneCount], [SPARE_TEXT, 1]);
        const after = await ask(1);
        assert.deepEqual([after.doneCount, after.errors[0]?.["code"]], [0, "upstream_malformed"]);
        assert.equal(after.text, "one");
        for (const exchange of varied.exchanges) {
          await within(exchange.clientLeft, "the end of the connection");
        }
        const { attempts } = await daemon.ledger(2);
        const outcomes = attempts.map((row) => row["outcome"]);
        assert.deepEqual(outcomes, ["malformed", "ok", "malformed"]);
      }),
  });
}

/** The most that may be sent before pirouter leaves: its cap, and what sockets hold. */
const FLOOD_LIMIT_BYTES = 48 * MB;

async function flood(exchange: Exchange): Promise<void> {
  const piece = "x".repeat(65_536);
  let sentBytes = 0;
  while (!exchange.isClientGone) {
    await exchange.sendChunk(piece);
    sentBytes += piece.length;
    assert.ok(sentBytes < FLOOD_LIMIT_BYTES, "the line is read without end");
  }
}
