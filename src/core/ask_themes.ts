/** Finds the themes of an ask by its words. */

import { type Theme, THEMES } from "./ask_lexicon.ts";
import { EMPTY_HASH, hashPair, hashText, hashUnit } from "./ask_ngrams.ts";
import { CharKind, type FoldedAsk } from "./folded_ask.ts";

type Places = Map<number, readonly number[]>;

/** Themes by the hash of what shows them. */
interface Lookup {
  readonly words: Places;
  readonly stems: Places;
  /** Two neighbouring words, and a word with the beginning of the next. */
  readonly pairs: Places;
  readonly pairStems: Places;
  readonly glyphs: Places;
  /** A Bloom filter with one hash (Bloom, CACM 13(7), 1970), a bit for each of the above. */
  readonly filter: Uint8Array;
}

/** Bits of the filter; an opener is the first word of a pair that ends in a stem. */
const Bit = { word: 1, stem: 2, pair: 4, pairStem: 8, glyphs: 16, opener: 32 } as const;

const FILTER_BITS = 14;
const LONGEST_GLYPHS = 4;
const IDEOGRAPH = /[\u3040-\u30ff\u3400-\u9fff]/;

const LOOKUP: Lookup = buildLookup(THEMES);

/** Prepares a table of themes for `themesOf`. */
export function buildLookup(themes: readonly Theme[]): Lookup {
  const lookup: Lookup = {
    words: new Map(),
    stems: new Map(),
    pairs: new Map(),
    pairStems: new Map(),
    glyphs: new Map(),
    filter: new Uint8Array(1 << FILTER_BITS),
  };
  for (const [theme, { words }] of themes.entries()) {
    for (const entry of words.trim().split(/\s+/)) addEntry(lookup, { entry, theme });
  }
  return lookup;
}

function addEntry(
  lookup: Lookup,
  options: { readonly entry: string; readonly theme: number },
): void {
  const { entry, theme } = options;
  const isStem = entry.endsWith("*");
  const [first = "", second] = entry.replace("*", "").split("_");
  const add = (bit: number, places: Places, hash: number) => {
    const place = filterPlace(hash);
    lookup.filter[place] = (lookup.filter[place] ?? 0) | bit;
    places.set(hash, [...places.get(hash) ?? [], theme]);
  };
  const hash = hashText(first);
  if (second !== undefined) {
    const pair = hashPair(hash, hashText(second));
    if (!isStem) return add(Bit.pair, lookup.pairs, pair);
    lookup.filter[filterPlace(hash)] = (lookup.filter[filterPlace(hash)] ?? 0) | Bit.opener;
    return add(Bit.pairStem, lookup.pairStems, pair);
  }
  if (IDEOGRAPH.test(first)) return add(Bit.glyphs, lookup.glyphs, hash);
  if (isStem) return add(Bit.stem, lookup.stems, hash);
  add(Bit.word, lookup.words, hash);
}

function filterPlace(hash: number): number {
  return (hash ^ hash >>> 15) & ((1 << FILTER_BITS) - 1);
}

/** For each theme of the table 1 when the text touches it, else 0. */
export function themesOf({ codes, kinds, length }: FoldedAsk): Uint8Array {
  const { filter, words, stems, pairs, pairStems } = LOOKUP;
  const found = new Uint8Array(THEMES.length);
  let [previous, hash, isInWord, isOpened] = [0, EMPTY_HASH, false, false];
  for (let index = 0; index < length; index++) {
    const kind = kinds[index];
    if (kind === CharKind.letter || kind === CharKind.digit) {
      hash = hashUnit(isInWord ? hash : EMPTY_HASH, codes[index] ?? 0);
      isInWord = true;
      if (((filter[filterPlace(hash)] ?? 0) & Bit.stem) !== 0) mark(found, stems.get(hash));
      if (isOpened) mark(found, pairStems.get(hashPair(previous, hash)));
      continue;
    }
    if (isInWord) {
      const bits = filter[filterPlace(hash)] ?? 0;
      const pair = hashPair(previous, hash);
      if ((bits & Bit.word) !== 0) mark(found, words.get(hash));
      if (((filter[filterPlace(pair)] ?? 0) & Bit.pair) !== 0) mark(found, pairs.get(pair));
      isOpened = (bits & Bit.opener) !== 0;
      [previous, isInWord] = [hash, false];
    }
    if (kind === CharKind.ideograph) markGlyphs(found, codes, index);
  }
  return found;
}

/** Takes the ideographs from this place on, up to the longest that the table holds. */
function markGlyphs(found: Uint8Array, codes: Uint16Array, start: number): void {
  let hash = EMPTY_HASH;
  for (let index = start; index < start + LONGEST_GLYPHS; index++) {
    hash = hashUnit(hash, codes[index] ?? 0);
    const bits = LOOKUP.filter[filterPlace(hash)] ?? 0;
    if ((bits & Bit.glyphs) !== 0) mark(found, LOOKUP.glyphs.get(hash));
  }
}

function mark(found: Uint8Array, themes: readonly number[] | undefined): void {
  for (const theme of themes ?? []) found[theme] = 1;
}
