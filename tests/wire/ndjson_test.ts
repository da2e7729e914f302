import assert from "node:assert/strict";
import { createNdjsonReader } from "../../src/wire/ndjson.ts";
import type { FrameReader } from "../../src/wire/sse.ts";

const LIMIT = { maxFrameChars: 1_000_000 };
const encoder = new TextEncoder();

function readAll(reader: FrameReader, pieces: Iterable<Uint8Array>): readonly string[] {
  const lines: string[] = [];
  for (const piece of pieces) lines.push(...reader.push(piece).map((frame) => frame.data));
  return [...lines, ...reader.end().map((frame) => frame.data)];
}

const STREAMS: readonly (readonly [string, string, readonly string[]])[] = [
  ["LF", '{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']],
  ["CRLF", '{"a":1}\r\n{"b":2}\r\n', ['{"a":1}', '{"b":2}']],
  ["blank lines", '\n\r\n  \n{"a":1}\n\n', ['{"a":1}']],
  ["a BOM", '\uFEFF{"a":1}\n', ['{"a":1}']],
  ["a last line without its end", '{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}']],
  ["multi-byte text", '{"a":"äöü 漢字 😀"}\n', ['{"a":"äöü 漢字 😀"}']],
  ["nothing", "", []],
];

for (const [name, text, expected] of STREAMS) {
  Deno.test(`createNdjsonReader() reads ${name}, split at any two bytes`, () => {
    const bytes = encoder.encode(text);
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const pieces = [
          bytes.subarray(0, first),
          bytes.subarray(first, second),
          bytes.subarray(second),
        ];
        const lines = readAll(createNdjsonReader(LIMIT), pieces);
        assert.deepEqual(lines, expected, `${first}, ${second}`);
      }
    }
  });
}

Deno.test("createNdjsonReader() reads an 8 MB line in small pieces", () => {
  const piece = encoder.encode("x".repeat(64));
  const reader = createNdjsonReader({ maxFrameChars: 8 * 1024 * 1024 });
  for (let index = 0; index < 8 * 1024 * 1024 / 64; index++) {
    assert.deepEqual(reader.push(piece), []);
  }
  assert.equal(reader.push(encoder.encode("\n"))[0]?.data.length, 8 * 1024 * 1024);
});

for (const end of ["\n", "\r\n"]) {
  Deno.test(`createNdjsonReader() overflows above its limit before ${JSON.stringify(end)}`, () => {
    for (const isSplit of [false, true]) {
      const pieces = (length: number) => {
        const bytes = encoder.encode("a\n" + "x".repeat(length) + end);
        return isSplit ? [...bytes].map((byte) => Uint8Array.of(byte)) : [bytes];
      };
      const fits = createNdjsonReader({ maxFrameChars: 10 });
      assert.equal(readAll(fits, pieces(10)).length, 2);
      assert.equal(fits.isOverflown, false);
      const overflown = createNdjsonReader({ maxFrameChars: 10 });
      assert.deepEqual(readAll(overflown, pieces(11)), ["a"]);
      assert.equal(overflown.isOverflown, true);
      assert.deepEqual(overflown.push(encoder.encode("b\n")), []);
    }
  });
}
