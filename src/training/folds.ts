/** What is held out while a model is trained that is then judged by it. */

import { EMPTY_HASH, hashText } from "../core/ask_ngrams.ts";
import { isRequest, type Sample, setOf } from "./dataset.ts";

/** How many folds MMLU's subjects, everyday chat and agents' turns are parted into. */
export const FOLD_COUNT = 5;

const MMLU = "mmlu";

/** A family with more than this share of all samples leaves too little to train on without it. */
const MOST_SHARE = 0.5;

/**
 * The names of the folds that samples are held out in, in their order; all of one name are held out
 * together. A family is one fold, but the same request in other capitals stays in one of several;
 * near-duplicates may part, so what is held out of requests can have been seen in other words.
 */
export function foldsOf(samples: readonly Sample[], seed: number): readonly string[] {
  const sizes = Map.groupBy(samples, setOf);
  return samples.map((sample) => {
    const set = setOf(sample);
    // A subject's questions resemble each other.
    if (set === MMLU) return numberedFold(sample.source, seed);
    const isMost = (sizes.get(set)?.length ?? 0) > MOST_SHARE * samples.length;
    if (!isRequest(sample) && !isMost) return `family ${set}`;
    return numberedFold(sample.prompt.toLowerCase().trim(), seed);
  });
}

/** The hash of the text with a last mix: the low bits of FNV-1a are the worst. */
function numberedFold(text: string, seed: number): string {
  const hash = hashText(text, EMPTY_HASH ^ seed);
  return `fold ${(Math.imul(hash ^ hash >>> 15, 0x2c1b3c6d) >>> 8) % FOLD_COUNT}`;
}
