import assert from "node:assert/strict";
import type { ContentPart } from "../../src/core/chat.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { anthropic } from "../../src/providers/anthropic.ts";
import { callOf, encode } from "../support/anthropic_case.ts";

const SENT: readonly (readonly [name: string, part: ContentPart, block: JsonObject])[] = [
  [
    "an image as data URI",
    { "type": "image_url", "image_url": { "url": "data:image/jpg;base64,aGVs bG8=" } },
    {
      "type": "image",
      "source": { "type": "base64", "media_type": "image/jpeg", "data": "aGVsbG8=" },
    },
  ],
  [
    "an image by its URL",
    { "type": "image_url", "image_url": { "url": "https://example.com/a.png" } },
    { "type": "image", "source": { "type": "url", "url": "https://example.com/a.png" } },
  ],
  [
    "a PDF as a document",
    {
      "type": "file",
      "file": { "filename": "a.pdf", "file_data": "data:application/pdf;base64,aGVsbG8=" },
    },
    {
      "type": "document",
      "source": { "type": "base64", "media_type": "application/pdf", "data": "aGVsbG8=" },
      "title": "a.pdf",
    },
  ],
];

for (const [name, part, block] of SENT) {
  Deno.test(`encodeRequest() sends ${name}`, () => {
    const { body } = encode({ messages: [{ "role": "user", "content": [part] }] });
    assert.deepEqual(body["messages"], [{ "role": "user", "content": [block] }]);
  });
}

const REFUSED: readonly (readonly [name: string, part: ContentPart])[] = [
  ["an image of another type", {
    "type": "image_url",
    "image_url": { "url": "data:image/bmp;base64,aGVsbG8=" },
  }],
  ["an image that is not base64", {
    "type": "image_url",
    "image_url": { "url": "data:image/png,hello" },
  }],
  ["audio", { "type": "input_audio", "input_audio": { "data": "aGVsbG8=", "format": "wav" } }],
  ["a file by its id", { "type": "file", "file": { "file_id": "file-1" } }],
];

for (const [name, part] of REFUSED) {
  Deno.test(`encodeRequest() refuses ${name}`, () => {
    const call = callOf({ messages: [{ "role": "user", "content": [part] }] });
    const encoded = anthropic.encodeRequest(call);
    assert.equal(encoded.type, "refused");
    if (encoded.type !== "refused") return;
    assert.equal(encoded.fault.kind, "unsupported");
    assert.equal(encoded.fault.param, "messages");
    assert.match(encoded.fault.message, new RegExp(`"${part.type}"`));
  });
}
