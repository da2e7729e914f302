/** Requests that are passed to one provider as they are: embeddings, and completions of plain text. */

import type { ModelType } from "./catalog.ts";
import {
  type Check,
  integerFrom,
  MAX_ISSUES,
  must,
  NO_ISSUES,
  numberBetween,
  objectWith,
  oneOf,
  orNull,
} from "./check.ts";
import { failed, type Parsed, parsed } from "./issue.ts";
import { isJsonObject, type JsonObject, type JsonValue, stringAt, valueAt } from "./json.ts";
import { estimateTokens } from "./tokens.ts";

/** The endpoints whose requests are passed on; the ledger has their names as the rule. */
export const PASSAGE_ENDPOINTS = ["embeddings", "completions"] as const;

/** An endpoint whose requests are passed on. */
export type PassageEndpoint = (typeof PASSAGE_ENDPOINTS)[number];

/** What an endpoint takes and gives. */
export interface PassageSpec {
  /** The models that answer it. */
  readonly type: ModelType;
  /** The field that the model reads. */
  readonly inputField: string;
  /** The field of an answer that makes it one. */
  readonly answerField: string;
  /** Fields without which the answer is of the same kind: what a model refuses of them is left out. */
  readonly optionalFields: ReadonlySet<string>;
  /** Whether it can stream. */
  readonly canStream: boolean;
  readonly check: Check;
}

const isString = must((value) => typeof value === "string", "must be a string");
const isBoolean = must((value) => typeof value === "boolean", "must be true or false");
const isNumber = numberBetween(-Infinity, Infinity);

const isText = must(
  (value) => typeof value === "string" || isFilledListOf(value, isStringValue) || isTokens(value),
  "must be a string, or a non-empty array of strings, of tokens, or of arrays of tokens",
);

function isStringValue(value: JsonValue): boolean {
  return typeof value === "string";
}

function isTokens(value: JsonValue): boolean {
  return isFilledListOf(value, Number.isInteger) ||
    isFilledListOf(value, (item) => isFilledListOf(item, Number.isInteger));
}

function isFilledListOf(value: JsonValue, isItem: (item: JsonValue) => boolean): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((item) => isItem(item));
}

const COMMON_FIELDS: Readonly<Record<string, Check>> = {
  model: orNull(isString),
  user: orNull(isString),
};

const isStop = must(
  (value) => typeof value === "string" || (Array.isArray(value) && value.every(isStringValue)),
  "must be a string or an array of strings",
);

/** https://platform.openai.com/docs/api-reference/embeddings/create */
const isEmbeddingsRequest = objectWith({
  required: { input: isText },
  optional: {
    ...COMMON_FIELDS,
    "encoding_format": orNull(oneOf(["float", "base64"])),
    dimensions: orNull(integerFrom(1)),
  },
});

/** https://platform.openai.com/docs/api-reference/completions/create */
const isCompletionsRequest = objectWith({
  required: { prompt: isText },
  optional: {
    ...COMMON_FIELDS,
    stream: orNull(isBoolean),
    "stream_options": orNull(objectWith({ optional: { "include_usage": orNull(isBoolean) } })),
    suffix: orNull(isString),
    echo: orNull(isBoolean),
    "max_tokens": orNull(integerFrom(0)),
    temperature: orNull(numberBetween(0, Infinity)),
    "top_p": orNull(numberBetween(0, 1)),
    stop: orNull(isStop),
    seed: orNull(must(Number.isInteger, "must be an integer")),
    n: orNull(integerFrom(1)),
    "best_of": orNull(integerFrom(1)),
    logprobs: orNull((value) => typeof value === "boolean" ? NO_ISSUES : integerFrom(0)(value)),
    "frequency_penalty": orNull(isNumber),
    "presence_penalty": orNull(isNumber),
  },
});

/** THE TABLE of endpoints whose requests are passed on. */
export const PASSAGES: Readonly<Record<PassageEndpoint, PassageSpec>> = {
  embeddings: {
    type: "embeddings",
    inputField: "input",
    answerField: "data",
    optionalFields: new Set(["user"]), // vectors of other dimensions would spoil an index
    canStream: false,
    check: isEmbeddingsRequest,
  },
  completions: {
    type: "chat",
    inputField: "prompt",
    answerField: "choices",
    optionalFields: new Set([
      "user",
      "seed",
      "temperature",
      "top_p",
      "frequency_penalty",
      "presence_penalty",
      "logit_bias",
      "stream_options",
    ]),
    canStream: true,
    check: isCompletionsRequest,
  },
};

/** A request that is to be passed on, checked. */
export interface PassageRequest {
  readonly endpoint: PassageEndpoint;
  /** What the client sent. */
  readonly body: JsonObject;
  /** What its `model` says; "" when it says nothing. */
  readonly model: string;
  readonly isStreamed: boolean;
  /** Whether the client of a stream asked for its usage. */
  readonly wantsUsage: boolean;
  /** Estimated tokens of its input. */
  readonly inputTokens: number;
}

/** Checks the body of a request; paths of issues are OpenAI's `param`, such as `input`. */
export function parsePassageRequest(
  body: JsonValue,
  endpoint: PassageEndpoint,
): Parsed<PassageRequest> {
  if (!isJsonObject(body)) return failed({ path: "", message: "must be a JSON object" });
  const { check, canStream, inputField } = PASSAGES[endpoint];
  const issues = check(body).slice(0, MAX_ISSUES);
  if (issues.length > 0) {
    return failed(...issues.map((issue) => ({ ...issue, path: issue.path.replace(/^\./, "") })));
  }
  return parsed({
    endpoint,
    body,
    model: stringAt(body, "model") ?? "",
    isStreamed: canStream && valueAt(body, "stream") === true,
    wantsUsage: valueAt(valueAt(body, "stream_options"), "include_usage") === true,
    inputTokens: estimateInput(valueAt(body, inputField)),
  });
}

/** Tokens count as such, texts are estimated one by one. */
function estimateInput(input: JsonValue | undefined): number {
  if (typeof input === "string") return estimateTokens(input);
  if (typeof input === "number") return 1;
  if (!Array.isArray(input)) return 0;
  return input.reduce<number>((sum, item) => sum + estimateInput(item), 0);
}
