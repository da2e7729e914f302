/** Hashed n-grams of an ask: the weights of the difficulty model are looked up by them. */

import { CharKind, type FoldedAsk } from "./folded_ask.ts";

/** N-grams are hashed to so many bits. */
export const BUCKET_BITS = 16;

/** The model has so many n-gram weights. */
export const BUCKET_COUNT = 1 << BUCKET_BITS;

const MIN_CHARS = 3;
const MAX_CHARS = 5;

const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const PAIR_FACTOR = 0x1f35a7bd;
const GOLDEN_RATIO = 0x9e3779b1;

/** Salts, so that a word and the same characters within a word are told apart. */
const Salt = { char: 0, word: 0x2c1b3c6d, pair: 0x297a2d39, mark: 0x68bc21eb, glyph: 0x5bd1e995 };

/** Takes one more UTF-16 unit into a hash: FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
export function hashUnit(hash: number, code: number): number {
  return Math.imul(hash ^ code, FNV_PRIME);
}

/** The hash of nothing yet. */
export const EMPTY_HASH: number = FNV_START | 0;

/** The hash of two neighbouring words, from their own. */
export function hashPair(first: number, second: number): number {
  return Math.imul(first, PAIR_FACTOR) + second | 0;
}

/** Multiplicative hashing (Knuth, TAOCP 3, 6.4): the high bits are the well mixed ones. */
function bucketOf(hash: number, salt: number): number {
  return Math.imul(hash ^ salt, GOLDEN_RATIO) >>> (32 - BUCKET_BITS);
}

/** Distinct buckets in the order of their first addition. */
interface BucketSet {
  /** One bit for each bucket. */
  readonly seen: Uint32Array;
  readonly buckets: Uint16Array;
}

/** Adds a bucket to a set that holds so many, and gives how many it holds then. */
function addBucket({ seen, buckets }: BucketSet, count: number, bucket: number): number {
  const bits = seen[bucket >> 5] ?? 0;
  const bit = 1 << (bucket & 31);
  if ((bits & bit) !== 0) return count;
  seen[bucket >> 5] = bits | bit;
  buckets[count] = bucket;
  return count + 1;
}

/**
 * The distinct buckets of a text's n-grams: words and pairs of words, marks, single ideographs and
 * pairs, and 3 to 5 characters (feature hashing: Weinberger et al., arXiv 0902.2206, unsigned).
 */
export function bucketsOf(text: FoldedAsk): Uint16Array {
  const set: BucketSet = {
    seen: new Uint32Array(BUCKET_COUNT / 32),
    buckets: new Uint16Array(text.length * (MAX_CHARS - MIN_CHARS + 3)),
  };
  return set.buckets.subarray(0, addChars(set, addWords(set, text), text));
}

/** Adds words, pairs, marks and ideographs to an empty set, and gives how many it holds then. */
function addWords(set: BucketSet, { codes, kinds, length }: FoldedAsk): number {
  let [count, previous, hash, isInWord, hasPrevious] = [0, 0, EMPTY_HASH, false, false];
  for (let index = 0; index < length; index++) {
    const [code, kind] = [codes[index] ?? 0, kinds[index]];
    if (kind === CharKind.letter || kind === CharKind.digit) {
      hash = hashUnit(isInWord ? hash : EMPTY_HASH, code);
      isInWord = true;
      continue;
    }
    if (isInWord) {
      count = addBucket(set, count, bucketOf(hash, Salt.word));
      const pair = bucketOf(hashPair(previous, hash), Salt.pair);
      if (hasPrevious) count = addBucket(set, count, pair);
      [previous, isInWord, hasPrevious] = [hash, false, true];
    }
    if (kind === CharKind.space) continue;
    const unit = hashUnit(EMPTY_HASH, code);
    count = addBucket(set, count, bucketOf(unit, kind === CharKind.mark ? Salt.mark : Salt.glyph));
    if (kind !== CharKind.ideograph) continue;
    hasPrevious = false;
    if (kinds[index + 1] !== CharKind.ideograph) continue;
    count = addBucket(set, count, bucketOf(hashUnit(unit, codes[index + 1] ?? 0), Salt.glyph));
  }
  return count;
}

/** Adds 3 to 5 characters from each place, and gives how many buckets the set holds then. */
function addChars(set: BucketSet, before: number, { codes, length }: FoldedAsk): number {
  let count = before;
  for (let start = 0; start + MIN_CHARS <= length; start++) {
    const end = Math.min(length, start + MAX_CHARS);
    let hash = EMPTY_HASH;
    for (let index = start; index < end; index++) {
      hash = hashUnit(hash, codes[index] ?? 0);
      if (index - start < MIN_CHARS - 1) continue;
      count = addBucket(set, count, bucketOf(hash, Salt.char));
    }
  }
  return count;
}
