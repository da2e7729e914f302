/** Estimates of token counts. */

import { estimateTokenCount } from "tokenx";

/** An estimate may be this much too low: what must not overflow leaves so much room. */
export const ESTIMATE_MARGIN = 1.25;

/** Up to this many characters a text is estimated whole. */
const WHOLE_CHARS = 16_000;

/** A longer text is estimated by this many samples of so many characters, evenly spread over it. */
const SAMPLE_COUNT = 32;
const SAMPLE_CHARS = 500;

/**
 * Estimates the tokens of one text. The time it takes has an upper bound: a long text (a file, a
 * log) is judged by samples.
 *
 * @example
 * ```ts
 * import { estimateTokens } from "./tokens.ts";
 * const sentence = "The quick brown fox jumps over the lazy dog. ";
 * const ratio = estimateTokens(sentence.repeat(1_000)) / estimateTokens(sentence.repeat(100));
 * if (ratio < 9.5 || ratio > 10.5) throw new Error(`ratio ${ratio}`);
 * ```
 */
export function estimateTokens(text: string): number {
  if (text.length <= WHOLE_CHARS) return estimateTokenCount(text);
  const step = (text.length - SAMPLE_CHARS) / (SAMPLE_COUNT - 1);
  let tokens = 0;
  for (let sample = 0; sample < SAMPLE_COUNT; sample++) {
    const start = Math.round(sample * step);
    tokens += estimateTokenCount(text.slice(start, start + SAMPLE_CHARS));
  }
  return Math.ceil(tokens / (SAMPLE_COUNT * SAMPLE_CHARS) * text.length);
}
