import assert from "node:assert/strict";
import type { ProviderKind } from "../../src/core/provider.ts";
import { KINDS } from "../support/cascade_case.ts";
import { rowTest } from "../support/fault_row.ts";
import { chunksOf } from "../support/got.ts";
import { RICH_STREAMS } from "../support/rich_stream.ts";
import { streamEvents, wholeBody } from "../support/upstream_wire.ts";
import { forEachVariant, withVariants } from "../support/variant_case.ts";

const ENCODER = new TextEncoder();

/** Another way to write the same events. */
type Rewrite = readonly [name: string, (events: readonly string[]) => string];

const eachLineEnd = (events: readonly string[], ends: readonly string[]) => {
  let count = 0;
  return events.join("").replaceAll("\n", () => ends[count++ % ends.length] ?? "\n");
};

const SSE_REWRITES: readonly Rewrite[] = [
  ["CRLF", (events) => eachLineEnd(events, ["\r\n"])],
  ["CR", (events) => eachLineEnd(events, ["\r"])],
  ["mixed line ends", (events) => eachLineEnd(events, ["\n", "\r\n", "\r", "\r", "\r\n"])],
  ["a BOM", (events) => `\ufeff${events.join("")}`],
  ["no blank after the colon", (events) => events.join("").replaceAll("data: ", "data:")],
  ["data in several lines", (events) => events.map(spreadOverLines).join("")],
  ["comments between events", (events) => events.join(": OPENROUTER PROCESSING\n\n:\n\n")],
  [
    "comments, ids and retries within events",
    (events) => events.join("").replaceAll("data: ", ": x\n:\nid: 7\nretry: 9\ndata: "),
  ],
  ["more blank lines", (events) => `\n\n${events.join("\n\n\n")}`],
];

/** JSON may have a line break after each comma outside its texts. */
function spreadOverLines(event: string): string {
  return event.replace(/^data: \{.*$/m, (line) => {
    const lines = JSON.stringify(JSON.parse(line.slice("data: ".length)), null, 1).split("\n");
    return lines.map((one) => `data: ${one}`).join("\n");
  });
}

const NDJSON_REWRITES: readonly Rewrite[] = [
  ["CRLF", (lines) => eachLineEnd(lines, ["\r\n"])],
  ["mixed line ends", (lines) => eachLineEnd(lines, ["\n", "\r\n"])],
  ["a BOM", (lines) => `\ufeff${lines.join("")}`],
  ["blank lines", (lines) => `\n\r\n${lines.join(" \n\n")}`],
  ["white space around the lines", (lines) => lines.map((line) => ` \t${line}`).join("")],
  ["no end of the last line", (lines) => lines.join("").trimEnd()],
];

const REWRITES: Readonly<Record<ProviderKind, readonly Rewrite[]>> = {
  openai: SSE_REWRITES,
  anthropic: SSE_REWRITES,
  ollama: NDJSON_REWRITES,
};

for (const kind of KINDS) {
  rowTest("line-ends", {
    name: `${kind}: other ways to write the lines of a rich stream change nothing`,
    body: async () => {
      const rewrites: readonly Rewrite[] = [["LF", (all) => all.join("")], ...REWRITES[kind]];
      const bodies = rewrites.map(([, rewrite]) => ENCODER.encode(rewrite(RICH_STREAMS[kind])));
      await withVariants({
        kind,
        count: bodies.length,
        script: async (exchange, variant) => {
          await exchange.sendStreamHead();
          await exchange.sendChunk(bodies[variant] ?? "");
          await exchange.endChunks();
        },
      }, async ({ ask }) => {
        const plain = await ask(0);
        assert.ok(chunksOf(plain).length >= 8 && plain.doneCount === 1);
        for (const [variant, [name]] of rewrites.entries()) {
          const seen = await ask(variant);
          assert.deepEqual([name, seen.doneCount, chunksOf(seen)], [name, 1, chunksOf(plain)]);
        }
      });
    },
  });

  for (const [name, rewrite] of REWRITES[kind]) {
    rowTest("line-ends", {
      name: `${kind}: ${name}, split at any byte`,
      body: async () => {
        const bytes = ENCODER.encode(rewrite(shortStream(kind)));
        await withVariants({
          kind,
          count: bytes.length,
          script: async (exchange, variant) => {
            await exchange.sendStreamHead({ "connection": "close" });
            await exchange.sendSplit(bytes, variant === 0 ? [] : [variant]);
            exchange.cut();
          },
        }, async ({ ask }) => {
          const whole = await ask(0);
          await forEachVariant(bytes.length, async (variant) => {
            const seen = await ask(variant);
            assert.deepEqual([seen.text, seen.doneCount], ["é😀", 1], `split at byte ${variant}`);
            assert.deepEqual(chunksOf(seen), chunksOf(whole));
          });
        });
      },
    });
  }
}

/** The events of an answer of two characters. */
function shortStream(kind: ProviderKind): readonly string[] {
  return SHORT_STREAMS[kind].map((event) =>
    kind === "ollama" ? `${JSON.stringify(event)}\n` : `data: ${JSON.stringify(event)}\n\n`
  );
}

const SHORT_STREAMS: Readonly<Record<ProviderKind, readonly object[]>> = {
  openai: [
    { "choices": [{ "delta": { "content": "é" } }] },
    { "choices": [{ "delta": { "content": "😀" }, "finish_reason": "stop" }] },
  ],
  anthropic: [
    { "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "é" } },
    {
      "type": "content_block_delta",
      "index": 0,
      "delta": { "type": "text_delta", "text": "😀" },
    },
    { "type": "message_delta", "delta": { "stop_reason": "end_turn" } },
    { "type": "message_stop" },
  ],
  ollama: [
    { "message": { "content": "é" } },
    { "message": { "content": "😀" }, "done": true },
  ],
};

const MARKS: readonly string[] = [
  "data: x\n\n",
  "[DONE]",
  "data: [DONE]\n\n",
  "\r\n\r\nevent: error\r\ndata: {}\r\n\r\n",
  ': comment\n\n{"done":true}\n',
  '{"error":{"message":"no error"}}',
  "\u2028 \u2029 \u0085 \ufeff \u0000",
  "0\r\n\r\n",
];

for (const kind of KINDS) {
  rowTest("marks-in-text", {
    name: `${kind}: what looks like framing stands in an answer's text as it came`,
    body: () =>
      withVariants({
        kind,
        count: 1,
        script: async (exchange) => {
          if (exchange.body["stream"] !== true) {
            return await exchange.sendWhole(200, wholeBody(kind, { text: MARKS }));
          }
          await exchange.sendStreamHead();
          for (const event of streamEvents(kind, { text: MARKS })) await exchange.sendChunk(event);
          await exchange.endChunks();
        },
      }, async ({ ask }) => {
        const { text, doneCount, finish, errors } = await ask(0);
        assert.deepEqual([text, doneCount, finish, errors], [MARKS.join(""), 1, "stop", []]);
        const whole = await ask(0, { "stream": false, "stream_options": null });
        assert.equal(whole.text, MARKS.join(""));
      }),
  });
}
