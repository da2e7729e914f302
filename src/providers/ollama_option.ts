/** Sampling options and the size of the context window, in Ollama's words. */

import type { Options } from "ollama";
import { type ChatRequest, requestedOutputTokens } from "../core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue, numberAt } from "../core/json.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import { ESTIMATE_MARGIN } from "../core/tokens.ts";
import type { UpstreamCall } from "./adapter.ts";
import { overflowFault } from "./ollama_error.ts";
import { countChars, ESTIMATE_FACTOR, estimateText } from "./ollama_estimate.ts";

/** The smallest context window that is asked for; the next ones double: 8192, 16384, 32768, … */
const SMALLEST_CONTEXT = 4096;

/** Room for the answer when the client sets no limit, in tokens. */
const DEFAULT_OUTPUT_TOKENS = 4096;

/**
 * The most room that is made for the answer, in tokens: agents send one large limit with every
 * request (32,000), and a window of that size costs gigabytes. A judgement; a longer answer ends at
 * the window with `length`, as at any limit.
 */
const MOST_OUTPUT_TOKENS = 8192;

/**
 * No text is taken for less than a token for so many characters: an estimate takes thousands of line
 * ends for a few. A judgement: English has about 4, and vocabularies merge up to some tens of blanks.
 */
const MOST_CHARS_PER_TOKEN = 8;

/**
 * The options of a request. A client's own `options` object comes last, so its word counts.
 * https://docs.ollama.com/modelfile#parameter
 */
export function encodeOptions(call: UpstreamCall): JsonObject {
  const { request } = call;
  const output = requestedOutputTokens(request);
  return {
    "num_ctx": chooseContext(call),
    ...(output === null ? {} : { "num_predict": output }),
    ...Object.fromEntries(
      SAME_NAME.map((name) => [name, request[name]]).filter(([, value]) => isOptionSaid(value)),
    ),
    ...encodeStop(request.stop),
    ...Object.fromEntries(ownOptions(request).filter(([name]) => OPTION_NAMES.has(name))),
  };
}

/** The context window, in tokens, that these options ask for. */
export function windowOfOptions(options: JsonObject): number | null {
  return numberAt(options, "num_ctx") ?? null;
}

/** Names the entries of a client's own `options` that Ollama does not know. */
export function listDroppedOptions(request: ChatRequest): readonly string[] {
  return ownOptions(request).filter(([name]) => !OPTION_NAMES.has(name))
    .map(([name]) => `options.${name}`);
}

/**
 * The context window to ask for, in tokens: what is needed, rounded up to the ladder 4096,
 * 8192, 16384, …, at most the model's own window. The ladder is coarse because Ollama loads the
 * model anew whenever `num_ctx` changes.
 *
 * @example
 * ```ts
 * import { roundContext } from "./ollama_option.ts";
 * if (roundContext(5000, 131_072) !== 8192) throw new Error();
 * ```
 */
export function roundContext(neededTokens: number, window: number | null): number {
  const steps = Math.max(0, Math.ceil(Math.log2(neededTokens / SMALLEST_CONTEXT)));
  return Math.min(SMALLEST_CONTEXT * 2 ** steps, window ?? Infinity);
}

/**
 * The fault of a request whose text alone exceeds the model's window even if its estimate is as much
 * too high as it can be, else null: of what may fit the server decides, which counts.
 */
export function findOverflow(
  { request, inputTokens, model }: UpstreamCall,
): UpstreamFault | null {
  const window = model.contextWindow;
  const isTooLong = (tokens: number) => window !== null && tokens > window * ESTIMATE_FACTOR;
  // The whole estimate is known; the text's own is made only where it matters.
  if (window === null || !isTooLong(inputTokens)) return null;
  const textTokens = estimateText(request, model);
  return isTooLong(textTokens) ? overflowFault(null, { window, inputTokens: textTokens }) : null;
}

/** What the request needs, or what the model is loaded with if that is more. */
function chooseContext(call: UpstreamCall): number {
  const window = call.model.contextWindow ?? Infinity;
  return Math.min(Math.max(sizeContext(call), call.loadedWindow ?? 0), window);
}

function sizeContext({ request, inputTokens, model }: UpstreamCall): number {
  const asked = requestedOutputTokens(request) ?? DEFAULT_OUTPUT_TOKENS;
  const output = Math.min(asked, MOST_OUTPUT_TOKENS);
  const estimated = Math.ceil(inputTokens * ESTIMATE_MARGIN);
  const least = Math.ceil(countChars(request.messages) / MOST_CHARS_PER_TOKEN);
  return roundContext(Math.max(estimated, least) + output, model.contextWindow);
}

function encodeStop(stop: ChatRequest["stop"]): { readonly stop?: readonly string[] } {
  if (stop === null || stop === undefined) return {};
  return { "stop": typeof stop === "string" ? [stop] : stop };
}

function ownOptions(request: ChatRequest): readonly [string, JsonValue][] {
  const own = request["options"];
  if (!isJsonObject(own)) return [];
  return Object.entries(own).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [[name, value]]
  );
}

/** Whether an option that a request has at its top can have this value. */
export function isOptionSaid(value: JsonValue | undefined): boolean {
  return typeof value === "number";
}

/** Options that have the same name in the request. */
const SAME_NAME = [
  "num_ctx",
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "typical_p",
  "seed",
  "frequency_penalty",
  "presence_penalty",
  "repeat_penalty",
  "repeat_last_n",
] as const satisfies readonly (keyof Options)[];

/** The names of those. */
export const OPTION_FIELDS: readonly string[] = SAME_NAME;

/** Every option that the server reads; it logs and ignores others. */
const OPTION_NAMES: ReadonlySet<string> = new Set<string>(
  [
    ...SAME_NAME,
    "stop",
    "num_predict",
    "num_keep",
    "num_batch",
    "num_gpu",
    "main_gpu",
    "use_mmap",
    "num_thread",
  ] as const satisfies readonly (keyof Options)[],
);
