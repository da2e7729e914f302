import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createSseReader,
  encodeSseBatch,
  encodeSseComment,
  encodeSseData,
  type FrameReader,
  type SseFrame,
} from "../../src/wire/sse.ts";

const LIMIT = { maxFrameChars: 1_000_000 };
const encoder = new TextEncoder();

function readAll(reader: FrameReader, pieces: Iterable<Uint8Array>): readonly SseFrame[] {
  const frames: SseFrame[] = [];
  for (const piece of pieces) frames.push(...reader.push(piece));
  return [...frames, ...reader.end()];
}

function frame(data: string, event: string | null = null): SseFrame {
  return { event, data };
}

const STREAMS: readonly (readonly [string, string, readonly SseFrame[]])[] = [
  ["LF", "data: a\n\ndata: b\n\n", [frame("a"), frame("b")]],
  ["CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", [frame("a"), frame("b")]],
  ["CR", "data: a\r\rdata: b\r\r", [frame("a"), frame("b")]],
  ["mixed line ends", "data: a\r\n\ndata: b\n\r\ndata: c\r\r", [
    frame("a"),
    frame("b"),
    frame("c"),
  ]],
  ["a BOM", "\uFEFFdata: a\n\n", [frame("a")]],
  ["no space after the colon", "data:x\n\n", [frame("x")]],
  ["two spaces after the colon", "data:  x\n\n", [frame(" x")]],
  ["multi-line data", "data: a\ndata: b\n\n", [frame("a\nb")]],
  ["named events", "event: error\ndata: a\n\ndata: b\n\n", [frame("a", "error"), frame("b")]],
  ["comments and pings", ": OPENROUTER PROCESSING\n\n:\n\ndata: a\n: mid\n\n", [frame("a")]],
  ["ids, retries and unknown fields", "id: 1\nretry: 5\nfoo: x\nretry: y\ndata: a\n\n", [
    frame("a"),
  ]],
  ["[DONE] and data: inside text", 'data: {"t":"[DONE] data: x"}\n\ndata: [DONE]\n\n', [
    frame('{"t":"[DONE] data: x"}'),
    frame("[DONE]"),
  ]],
  ["multi-byte text", "data: äöü 漢字 😀👩‍👩‍👧 é\n\n", [frame("äöü 漢字 😀👩‍👩‍👧 é")]],
  ["a tail that is cut off", "data: a\n\ndata: b\n", [frame("a")]],
  ["data after [DONE]", "data: [DONE]\n\ndata: b\n\n", [frame("[DONE]"), frame("b")]],
];

for (const [name, text, expected] of STREAMS) {
  Deno.test(`createSseReader() reads ${name}, split at any two bytes`, () => {
    const bytes = encoder.encode(text);
    assert.deepEqual(readAll(createSseReader(LIMIT), [bytes]), expected);
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const pieces = [
          bytes.subarray(0, first),
          bytes.subarray(first, second),
          bytes.subarray(second),
        ];
        assert.deepEqual(readAll(createSseReader(LIMIT), pieces), expected, `${first}, ${second}`);
      }
    }
    const single = [...bytes].map((byte) => Uint8Array.of(byte));
    assert.deepEqual(readAll(createSseReader(LIMIT), single), expected);
  });
}

Deno.test("createSseReader() reads what encodeSseData() writes, in any pieces", () => {
  const texts = fc.array(fc.string({ unit: "grapheme" }).map((text) => JSON.stringify(text)));
  fc.assert(
    fc.property(texts, fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (lines, sizes) => {
      const bytes = encoder.encode(
        lines.map((line) => ": ping\n\n" + new TextDecoder().decode(encodeSseData(line))).join(""),
      );
      const frames = readAll(createSseReader(LIMIT), cut(bytes, sizes));
      assert.deepEqual(frames, lines.map((line) => frame(line)));
    }),
    { seed: 2, numRuns: 200 },
  );
});

function* cut(bytes: Uint8Array, sizes: Iterable<number>): Generator<Uint8Array> {
  let start = 0;
  for (const size of sizes) {
    if (start >= bytes.length) return;
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

for (const size of [16_384, 64]) {
  Deno.test(`createSseReader() reads an 8 MB line in pieces of ${size} bytes`, () => {
    const text = "x".repeat(8 * 1024 * 1024);
    const bytes = encoder.encode(`data: ${text}\n\n`);
    const pieces = Array.from(
      { length: Math.ceil(bytes.length / size) },
      (_, index) => bytes.subarray(index * size, (index + 1) * size),
    );
    const frames = readAll(createSseReader({ maxFrameChars: text.length }), pieces);
    assert.equal(frames.length, 1);
    assert.equal(frames[0]?.data.length, text.length);
  });
}

for (const size of [1, 7, 4_096]) {
  Deno.test(`createSseReader() overflows above its limit, in pieces of ${size} bytes`, () => {
    const limit = { maxFrameChars: 100 };
    const bytes = (
      length: number,
    ) => [...cut(encoder.encode(`data: a\n\ndata: ${"x".repeat(length)}\n\n`), repeat(size))];
    const fits = createSseReader(limit);
    assert.equal(readAll(fits, bytes(100)).length, 2);
    assert.equal(fits.isOverflown, false);
    const overflown = createSseReader(limit);
    assert.deepEqual(readAll(overflown, bytes(101)), [frame("a")]);
    assert.equal(overflown.isOverflown, true);
    assert.deepEqual(overflown.push(encoder.encode("data: b\n\n")), []);
  });
}

function* repeat(size: number): Generator<number> {
  while (true) yield size;
}

Deno.test("createSseReader() keeps nothing of an endless comment", () => {
  const reader = createSseReader({ maxFrameChars: 100 });
  for (let index = 0; index < 100; index++) reader.push(encoder.encode(":".repeat(50)));
  assert.deepEqual(reader.push(encoder.encode("\ndata: a\n\n")), [frame("a")]);
  assert.equal(reader.isOverflown, false);
});

Deno.test("encodeSseBatch() writes what encodeSseData() writes, one after the other", () => {
  const single = ["1", '{"a":2}'].flatMap((json) => [...encodeSseData(json)]);
  assert.deepEqual([...encodeSseBatch(["1", '{"a":2}'])], single);
});

Deno.test("encodeSseComment() can't be broken out of", () => {
  const text = new TextDecoder().decode(encodeSseComment("keep\r\ndata: x\n\nalive"));
  assert.equal(text, ": keep data: x alive\n\n");
});
