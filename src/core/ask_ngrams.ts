/** Hashed n-grams of an ask: the weights of the difficulty model are looked up by them. */

import { CharKind, type FoldedAsk } from "./folded_ask.ts";

/** N-grams are hashed to so many bits. */
const BUCKET_BITS = 16;

/** The model has so many n-gram weights. */
export const BUCKET_COUNT = 1 << BUCKET_BITS;

/** N-grams of so many characters; those of 4 cost a third more time and add nothing held out. */
const SHORT_CHARS = 3;
const LONG_CHARS = 5;

/** A text of n units has no more than so many times n of them. */
const NGRAMS_PER_UNIT = 4;

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

/** The hash of a text, which goes on from that of what comes before it. */
export function hashText(text: string, before: number = EMPTY_HASH): number {
  let hash = before;
  for (let index = 0; index < text.length; index++) hash = hashUnit(hash, text.charCodeAt(index));
  return hash;
}

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
  /** How many of the buckets are in use. */
  count: number;
}

/** Without a branch: whether a bucket is new can't be predicted, and every second guess fails. */
function addBucket(set: BucketSet, bucket: number): void {
  const bits = set.seen[bucket >> 5] ?? 0;
  set.seen[bucket >> 5] = bits | 1 << (bucket & 31);
  set.buckets[set.count] = bucket;
  set.count += ~(bits >>> (bucket & 31)) & 1;
}

/** Working memory of `bucketsOf`, which empties it before use: new memory costs it a third. */
const SEEN = new Uint32Array(BUCKET_COUNT / 32);

/**
 * The distinct buckets of a text's n-grams: words and pairs of words, marks, single ideographs and
 * pairs, and 3 and 5 characters (feature hashing: Weinberger et al., arXiv 0902.2206, unsigned).
 */
export function bucketsOf(text: FoldedAsk): Uint16Array {
  const buckets = new Uint16Array(text.length * NGRAMS_PER_UNIT);
  const set: BucketSet = { seen: SEEN.fill(0), buckets, count: 0 };
  addWords(set, text);
  addChars(set, text);
  return buckets.subarray(0, set.count);
}

/** Adds words, pairs, marks and ideographs. */
function addWords(set: BucketSet, { codes, kinds, length }: FoldedAsk): void {
  let [previous, hash, isInWord, hasPrevious] = [0, EMPTY_HASH, false, false];
  for (let index = 0; index < length; index++) {
    const [code, kind] = [codes[index] ?? 0, kinds[index]];
    if (kind === CharKind.letter || kind === CharKind.digit) {
      hash = hashUnit(isInWord ? hash : EMPTY_HASH, code);
      isInWord = true;
      continue;
    }
    if (isInWord) {
      addBucket(set, bucketOf(hash, Salt.word));
      if (hasPrevious) addBucket(set, bucketOf(hashPair(previous, hash), Salt.pair));
      [previous, isInWord, hasPrevious] = [hash, false, true];
    }
    if (kind === CharKind.space) continue;
    const unit = hashUnit(EMPTY_HASH, code);
    addBucket(set, bucketOf(unit, kind === CharKind.mark ? Salt.mark : Salt.glyph));
    if (kind !== CharKind.ideograph) continue;
    hasPrevious = false;
    if (kinds[index + 1] !== CharKind.ideograph) continue;
    addBucket(set, bucketOf(hashUnit(unit, codes[index + 1] ?? 0), Salt.glyph));
  }
}

/** Adds 3 and 5 characters from each place. */
function addChars(set: BucketSet, { codes, length }: FoldedAsk): void {
  for (let start = 0; start + SHORT_CHARS <= length; start++) {
    let hash = hashUnit(EMPTY_HASH, codes[start] ?? 0);
    hash = hashUnit(hashUnit(hash, codes[start + 1] ?? 0), codes[start + 2] ?? 0);
    addBucket(set, bucketOf(hash, Salt.char));
    if (start + LONG_CHARS > length) continue;
    hash = hashUnit(hashUnit(hash, codes[start + 3] ?? 0), codes[start + 4] ?? 0);
    addBucket(set, bucketOf(hash, Salt.char));
  }
}
