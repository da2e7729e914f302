import assert from "node:assert/strict";
import { constants, createGzip } from "node:zlib";
import { KINDS, SPARE_TEXT } from "../support/cascade_case.ts";
import { rowTest } from "../support/fault_row.ts";
import { modelsOf } from "../support/got.ts";
import { gzip } from "../support/gzip.ts";
import { RICH_MARKS, RICH_STREAMS, RICH_TEXT } from "../support/rich_stream.ts";
import type { Exchange } from "../support/upstream.ts";
import { errorBodyOf, STREAM_TYPES, wholeBody } from "../support/upstream_wire.ts";
import { forEachVariant, withVariants } from "../support/variant_case.ts";

const PACKED = { "content-encoding": "gzip" } as const;

/** The gzip of each event, flushed, as servers compress a stream. */
async function gzipEach(events: readonly string[]): Promise<readonly Uint8Array[]> {
  const packer = createGzip();
  const pieces: Uint8Array[] = [];
  packer.on("data", (piece: Uint8Array) => pieces.push(piece));
  const results: Uint8Array[] = [];
  const take = () => results.push(joinBytes(pieces.splice(0)));
  for (const event of events) {
    packer.write(event);
    await new Promise<void>((resolve) => packer.flush(constants.Z_SYNC_FLUSH, resolve));
    take();
  }
  await new Promise<void>((resolve) => packer.on("end", resolve).end());
  take();
  return results;
}

function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(pieces.flatMap((piece) => [...piece]));
}

async function sendPacked(
  exchange: Exchange,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const isStream = exchange.body["stream"] === true;
  const type = isStream ? STREAM_TYPES[exchange.kind] : "application/json";
  await exchange.sendWhole(200, body, { ...PACKED, "content-type": type, ...headers });
}

for (const kind of KINDS) {
  rowTest("compressed", {
    name: `${kind}: gzip is decoded once, on streams, whole answers and errors; no header is left`,
    body: () =>
      withVariants({
        kind,
        count: 2,
        script: async (exchange, variant) => {
          if (variant === 1) {
            const error = await gzip(JSON.stringify(errorBodyOf(kind, "packed reason")));
            return await exchange.sendWhole(400, error, PACKED);
          }
          const isStream = exchange.body["stream"] === true;
          const whole = JSON.stringify(wholeBody(kind, { text: RICH_TEXT }));
          await sendPacked(exchange, await gzip(isStream ? RICH_STREAMS[kind].join("") : whole));
        },
      }, async ({ ask }) => {
        const stream = await ask(0);
        const whole = await ask(0, { "stream": false, "stream_options": null });
        const error = await ask(1);
        assert.deepEqual([stream.text, stream.doneCount], [RICH_TEXT.join(""), 1]);
        assert.equal(whole.text, RICH_TEXT.join(""));
        assert.match(String(error.errors[0]?.["message"]), /packed reason/);
        for (const { headers, raw } of [stream, whole, error]) {
          assert.equal(headers.get("content-encoding"), null);
          const length = Number(headers.get("content-length") ?? new Blob([raw]).size);
          assert.equal(length, new Blob([raw]).size);
        }
      }),
  });

  rowTest("compressed", {
    name: `${kind}: a compressed stream reaches the client event by event`,
    body: async () => {
      const pieces = await gzipEach(RICH_STREAMS[kind]);
      const commit = RICH_STREAMS[kind].findIndex((event) => event.includes(RICH_TEXT[0]));
      const hasCommitted = Promise.withResolvers<void>();
      await withVariants({
        kind,
        count: 1,
        script: async (exchange) => {
          await exchange.sendStreamHead(PACKED);
          for (const piece of pieces.slice(0, commit + 1)) await exchange.sendChunk(piece);
          await hasCommitted.promise;
          for (const piece of pieces.slice(commit + 1)) await exchange.sendChunk(piece);
          await exchange.endChunks();
        },
      }, async ({ daemon }) => {
        const response = await daemon.chat({
          "model": "m0",
          "messages": [{ "role": "user", "content": "Hello" }],
          "stream": true,
        });
        let raw = "";
        for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
          raw += text;
          if (raw.includes(RICH_TEXT[0])) hasCommitted.resolve();
        }
        assert.ok(raw.endsWith("data: [DONE]\n\n"));
      });
    },
  });
  rowTest("compressed", {
    name: `${kind}: a compressed stream that ends after any byte is never a silent partial`,
    limitMs: 40_000,
    body: async () => {
      const pieces = await gzipEach(RICH_STREAMS[kind]);
      const bytes = joinBytes(pieces);
      const sizeUpTo = (mark: string, offset: number) => {
        const position = RICH_STREAMS[kind].findIndex((event) => event.includes(mark));
        return joinBytes(pieces.slice(0, position + offset)).length;
      };
      const { commit, end, last } = RICH_MARKS[kind];
      const before = { commit: sizeUpTo(commit, 0), end: sizeUpTo(end, 0) };
      const after = { commit: sizeUpTo(commit, 1), last: sizeUpTo(last, 1) };
      await withVariants({
        kind,
        count: bytes.length + 1,
        script: async (exchange, variant) => {
          await exchange.sendStreamHead({ ...PACKED, "connection": "close" });
          await exchange.sendRaw(bytes.subarray(0, variant));
          exchange.cut();
        },
      }, async ({ ask }) => {
        await forEachVariant(bytes.length + 1, async (length) => {
          const { text, doneCount, errors } = await ask(length);
          const isWhole = doneCount === 1 && text === RICH_TEXT.join("");
          const isSpare = doneCount === 1 && text === SPARE_TEXT;
          const isError = doneCount === 0 && errors.length === 1 && text !== "";
          assert.ok(isWhole || isSpare || isError, `byte ${length}: ${text}`);
          if (length <= before.commit) assert.ok(isSpare, `byte ${length}: ${text}`);
          if (length > after.commit) assert.ok(!isSpare, `byte ${length}: the spare answers`);
          if (length <= before.end) assert.ok(!isWhole, `byte ${length}: whole`);
          if (length >= after.last) assert.ok(isWhole, `byte ${length}: ${text}`);
        });
      });
    },
  });
}

/** What is not the gzip that it says it is. */
const BROKEN:
  readonly (readonly [string, (packed: Uint8Array, plain: Uint8Array) => Uint8Array])[] = [
    ["plain text", (_packed, plain) => plain],
    ["nothing", () => new Uint8Array(0)],
    ["a head alone", (packed) => packed.subarray(0, 10)],
    ["a head and garbage", (packed) => joinBytes([packed.subarray(0, 10), packed.map(() => 0xff)])],
    ["half of it", (packed) => packed.subarray(0, packed.length / 2)],
  ];

for (const kind of KINDS) {
  rowTest("compressed", {
    name: `${kind}: broken gzip is a fault before the first token, streamed and whole`,
    body: () =>
      withVariants({
        kind,
        count: BROKEN.length * 2,
        script: async (exchange, variant) => {
          const isStream = exchange.body["stream"] === true;
          const text = isStream
            ? RICH_STREAMS[kind].slice(0, 2).join("")
            : JSON.stringify(wholeBody(kind, { text: RICH_TEXT }));
          const breakIt = BROKEN[variant >> 1]?.[1] ?? ((packed: Uint8Array) => packed);
          await sendPacked(exchange, breakIt(await gzip(text), new TextEncoder().encode(text)));
        },
      }, async ({ ask }) => {
        for (const [position, [name]] of BROKEN.entries()) {
          const streamed = await ask(position * 2);
          assert.deepEqual([streamed.text, streamed.doneCount], [SPARE_TEXT, 1], name);
          const whole = await ask(position * 2 + 1, { "stream": false, "stream_options": null });
          assert.deepEqual([whole.text, modelsOf(whole.bodies)], [SPARE_TEXT, ["spare"]], name);
        }
      }),
  });

  rowTest("compressed", {
    name: `${kind}: gzip that breaks after the first token is one error event`,
    body: async () => {
      const pieces = await gzipEach(RICH_STREAMS[kind]);
      const end = RICH_STREAMS[kind].findIndex((event) => event.includes(RICH_TEXT[1]));
      await withVariants({
        kind,
        count: 1,
        script: async (exchange) => {
          await exchange.sendStreamHead(PACKED);
          for (const piece of pieces.slice(0, end)) await exchange.sendChunk(piece);
          await exchange.sendChunk(new Uint8Array(64).fill(0xff));
          await exchange.endChunks();
        },
      }, async ({ ask, spare }) => {
        const { text, doneCount, errors } = await ask(0);
        assert.deepEqual([text, doneCount, errors.length], [RICH_TEXT[0], 0, 1]);
        assert.equal(spare.exchanges.length, 0);
      });
    },
  });
}
