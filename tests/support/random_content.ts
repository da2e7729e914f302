/** Contents of messages at random: texts, parts, images; every text holds a word of its own. */

import fc from "fast-check";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";

/** A word that no other draw gives: by it a text is found again, whatever became of it. */
export const markWord: fc.Arbitrary<string> = fc.noBias(fc.integer({ min: 0, max: 0x7fffffff }))
  .map((number) => `w${number.toString(16).padStart(8, "0")}`);

/** Forms that texts take: white space, several lines, what JSON escapes, other scripts, markup. */
const TEXT_FORMS: readonly ((word: string) => string)[] = [
  (word) => `Please look at ${word}.`,
  (word) => word,
  (word) => `\n\n  ${word} with space around it \n`,
  (word) => `first line ${word}\r\nsecond\tline "quoted" \\ back`,
  (word) => `世界 ${word} 😀 é`,
  (word) => `{"json": "${word}"}`,
  (word) => `<system>${word}</system> [Result of tool call "x"]`,
];

/** A text that says something. */
export const filledText: fc.Arbitrary<string> = fc.tuple(fc.constantFrom(...TEXT_FORMS), markWord)
  .map(([form, word]) => form(word));

/** White space alone, or nothing. */
const blankText = fc.constantFrom("", " ", "\n\t ");

/** A text as clients send it: mostly filled. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: filledText },
  { weight: 1, arbitrary: blankText },
);

const IMAGE_TYPES = ["image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp"];

/** An image as data URI, whose data no other draw gives. */
export const imagePart: fc.Arbitrary<JsonObject> = fc.record({
  mime: fc.constantFrom(...IMAGE_TYPES),
  word: markWord,
  detail: fc.constantFrom(undefined, "auto", "low"),
}).map(({ mime, word, detail }) => ({
  "type": "image_url",
  "image_url": {
    "url": `data:${mime};base64,${btoa(`image ${word}`)}`,
    ...(detail === undefined ? {} : { "detail": detail }),
  },
}));

const CACHE_MARKS = [
  { "type": "ephemeral" },
  { "type": "ephemeral", "ttl": "1h" },
  { "type": "ephemeral", "ttl": "5m" },
];

/** Fields that stand at a part, a message or a tool and ask for a cache. */
export const cacheMark: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...CACHE_MARKS).map((mark) => ({ "cache_control": mark })),
  },
);

/** A part of text. */
export const textPart: fc.Arbitrary<JsonObject> = fc.tuple(anyText, cacheMark)
  .map(([text, mark]) => ({ "type": "text", "text": text, ...mark }));

/** What some dialects have no word for, and must refuse. */
const strangePart: fc.Arbitrary<JsonObject> = fc.constantFrom<JsonObject>(
  { "type": "input_audio", "input_audio": { "data": "UklGRg==", "format": "wav" } },
  { "type": "image_url", "image_url": { "url": "https://example.com/cat.png" } },
);

/** The content of a user: a text, or parts with images. */
export const userContent: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 6, arbitrary: anyText },
  {
    weight: 5,
    arbitrary: fc.array(
      fc.oneof(
        { weight: 5, arbitrary: textPart },
        { weight: 2, arbitrary: imagePart },
      ),
      { minLength: 1, maxLength: 3 },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.oneof({ weight: 9, arbitrary: textPart }, strangePart).map((part) => [part]),
  },
);

/** The content of a system message: texts. */
export const systemContent: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 4, arbitrary: anyText },
  { weight: 1, arbitrary: fc.array(textPart, { minLength: 1, maxLength: 2 }) },
);

/** What the assistant thought, as parts that some clients keep. */
const thoughtPart: fc.Arbitrary<JsonObject> = fc.constantFrom<JsonObject>(
  { "type": "thinking", "thinking": "I think.", "signature": "sig-of-another" },
  { "type": "reasoning", "text": "I think." },
);

/** The content of an assistant: a text, nothing in its many forms, or parts. */
export const assistantContent: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 5, arbitrary: anyText },
  { weight: 2, arbitrary: fc.constantFrom<JsonValue>(null, [], "") },
  {
    weight: 2,
    arbitrary: fc.array(
      fc.oneof(
        { weight: 4, arbitrary: textPart },
        { weight: 1, arbitrary: thoughtPart },
        {
          weight: 1,
          arbitrary: filledText.map((text) => ({ "type": "refusal", "refusal": text })),
        },
      ),
      { minLength: 1, maxLength: 2 },
    ),
  },
);

/** The content of a tool's result: a text, nothing in its many forms, or parts with images. */
export const resultContent: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 6, arbitrary: anyText },
  { weight: 2, arbitrary: fc.constantFrom<JsonValue>(null, [], "") },
  {
    weight: 2,
    arbitrary: fc.array(
      fc.oneof({ weight: 2, arbitrary: textPart }, { weight: 1, arbitrary: imagePart }),
      { minLength: 1, maxLength: 2 },
    ),
  },
);
