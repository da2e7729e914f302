/** The output limit, sampling and stop sequences, as far as a model takes them. */

import type { ChatRequest } from "../core/chat.ts";
import type { JsonValue } from "../core/json.ts";
import type { Quirks } from "./openai_quirk.ts";
import { isNothing } from "./openai_strict.ts";

/** What is put in place of the client's fields; undefined leaves a field out. */
export type Changes = Readonly<Record<string, JsonValue | undefined>>;

/** What the encoding of these fields needs to know. */
export interface SamplingOptions {
  readonly quirks: Quirks;
  /** What is left out, to be told to the client. */
  readonly dropped: Set<string>;
}

/** OpenAI's: https://platform.openai.com/docs/api-reference/chat/create. */
const MAX_STOPS = 4;

/** What reasoning models refuse, and the default, which is lost to nobody. */
const SAMPLING_DEFAULTS: readonly (readonly [string, JsonValue])[] = [
  ["temperature", 1],
  ["top_p", 1],
  ["presence_penalty", 0],
  ["frequency_penalty", 0],
  ["logprobs", false],
  ["top_logprobs", 0],
];

const PARALLEL_DEFAULT: readonly [string, JsonValue] = ["parallel_tool_calls", true];

/** One output limit: both at once are refused. */
export function encodeOutputLimit(request: ChatRequest, quirks: Quirks): Changes {
  const newLimit = request["max_completion_tokens"] ?? undefined;
  const limit = newLimit ?? request["max_tokens"] ?? undefined;
  if (limit === undefined) return { "max_tokens": undefined, "max_completion_tokens": undefined };
  const sent = newLimit === undefined ? "max_tokens" : "max_completion_tokens";
  const name = quirks.maxTokensField ?? sent;
  return { "max_tokens": undefined, "max_completion_tokens": undefined, [name]: limit };
}

/** Leaves out the sampling parameters that the model, or the server, refuses. */
export function encodeSampling(request: ChatRequest, options: SamplingOptions): Changes {
  const { quirks, dropped } = options;
  const normal = new Map([...SAMPLING_DEFAULTS, PARALLEL_DEFAULT]);
  const sampling = quirks.fixedSampling ? SAMPLING_DEFAULTS.map(([key]) => key) : [];
  const refused = [...sampling, ...quirks.refused];
  for (const key of refused) {
    const value = request[key];
    if (!isNothing(value) && value !== normal.get(key)) dropped.add(key);
  }
  return Object.fromEntries(refused.map((key) => [key, undefined]));
}

/** `seed` under the server's own name. */
export function encodeSeed({ seed }: ChatRequest, { seedField }: Quirks): Changes {
  return seedField === "seed" || isNothing(seed) ? {} : { seed: undefined, [seedField]: seed };
}

/** The stop sequences that are taken: none by some models, the first four by OpenAI. */
export function encodeStop(request: ChatRequest, options: SamplingOptions): Changes {
  const { quirks, dropped } = options;
  const { stop } = request;
  if (isNothing(stop)) return {};
  if (!quirks.stop) {
    dropped.add("stop");
    return { stop: undefined };
  }
  if (!quirks.isStrict || !Array.isArray(stop) || stop.length <= MAX_STOPS) return {};
  dropped.add("stop");
  return { stop: stop.slice(0, MAX_STOPS) };
}
