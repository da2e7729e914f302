import assert from "node:assert/strict";
import { toolCallChunk } from "../../src/providers/chunk.ts";
import { parseDataUri } from "../../src/providers/data_uri.ts";
import { readRetryAfterMs } from "../../src/providers/retry_after.ts";

const HEAD = { id: "c", created: 1, model: "m" };

Deno.test("toolCallChunk() names id, type and function in the first piece alone", () => {
  const first = toolCallChunk(HEAD, { index: 1, id: "x", name: "f", arguments: "" });
  assert.deepEqual(first.choices[0]?.delta, {
    "tool_calls": [{
      "index": 1,
      "id": "x",
      "type": "function",
      "function": { "name": "f", "arguments": "" },
    }],
  });
  const next = toolCallChunk(HEAD, { index: 1, arguments: "{}" });
  assert.deepEqual(next.choices[0]?.delta, {
    "tool_calls": [{ "index": 1, "function": { "arguments": "{}" } }],
  });
});

const URIS: readonly (readonly [uri: string, mime: string | null, base64?: string])[] = [
  ["data:image/png;base64,aGk=", "image/png", "aGk="],
  ["DATA:Image/PNG;name=a;base64,aG k=", "image/png", "aGk="],
  ["data:;base64,aGk=", "text/plain", "aGk="],
  ["data:image/png,hi", null],
  ["data:image/png;base64,", null],
  ["data:image/png;base64,a*b", null],
  ["data:image/png;base64", null],
  ["https://example.com/a.png", null],
];

for (const [uri, mime, base64 = ""] of URIS) {
  Deno.test(`parseDataUri() reads "${uri}" as ${mime}`, () => {
    assert.deepEqual(parseDataUri(uri), mime === null ? null : { mime, base64 });
  });
}

const DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
const WAITS: readonly (readonly [headers: Record<string, string>, wait: number | null])[] = [
  [{}, null],
  [{ "retry-after": "2" }, 2000],
  [{ "retry-after": "0.5" }, 500],
  [{ "retry-after-ms": "30", "retry-after": "2" }, 30],
  [{ "retry-after": "soon" }, null],
  [{ "retry-after": "-1" }, null],
  [{ "retry-after": DATE }, null],
  [{ "retry-after": DATE, "date": "Sun, 06 Nov 1994 08:49:30 GMT" }, 7000],
  [{ "retry-after": DATE, "date": "Sun, 06 Nov 1994 08:50:00 GMT" }, 0],
];

for (const [headers, wait] of WAITS) {
  Deno.test(`readRetryAfterMs() reads ${JSON.stringify(headers)} as ${wait}`, () => {
    assert.equal(readRetryAfterMs(new Headers(headers)), wait);
  });
}
