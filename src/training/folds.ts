/** What is held out while a model is trained that is then judged by it. */

import { isRequest, type Sample, setOf } from "./dataset.ts";

/** How many folds MMLU's subjects, everyday chat and agents' turns are parted into. */
export const FOLD_COUNT = 5;

const MMLU = "mmlu";

/** The name of the fold that a sample is held out in; all of one name are held out together. */
export function foldOf(sample: Sample, seed: number): string {
  const set = setOf(sample);
  // A subject's questions resemble each other, and so do two wordings of one request.
  if (set === MMLU) return `fold ${hashText(sample.source, seed) % FOLD_COUNT}`;
  if (isRequest(sample)) {
    return `fold ${hashText(sample.prompt.toLowerCase().trim(), seed) % FOLD_COUNT}`;
  }
  return `family ${set}`;
}

/** FNV-1a over the UTF-16 units with a last mix: http://www.isthe.com/chongo/tech/comp/fnv/ */
function hashText(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return Math.imul(hash ^ hash >>> 15, 0x2c1b3c6d) >>> 8;
}
