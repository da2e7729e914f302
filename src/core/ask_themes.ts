/** Finds the themes of an ask by its words. */

import { type Theme, THEMES } from "./ask_lexicon.ts";
import { EMPTY_HASH, hashPair, hashText, hashUnit } from "./ask_ngrams.ts";
import { CharKind, type FoldedAsk } from "./folded_ask.ts";

type Places = Map<number, readonly number[]>;

/** Themes by the hash of what shows them. */
interface Lookup {
  readonly themeCount: number;
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
    themeCount: themes.length,
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
    places.set(keyOf(hash), [...places.get(keyOf(hash)) ?? [], theme]);
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

/** Maps find numbers of 30 bits, which V8 keeps unboxed, in a fraction of the time. */
function keyOf(hash: number): number {
  return hash & 0x3fffffff;
}

/** For each theme of the table 1 when the text touches it, else 0. */
export function themesOf(text: FoldedAsk, lookup: Lookup = LOOKUP): Uint8Array {
  const { codes, kinds, length } = text;
  const { filter, words, stems, pairs, pairStems } = lookup;
  const found = new Uint8Array(lookup.themeCount);
  let [previous, hash, isInWord, isOpened] = [0, EMPTY_HASH, false, false];
  for (let index = 0; index < length; index++) {
    const kind = kinds[index];
    // A number is one 0 to the table, however many digits it has.
    if (kind === CharKind.digit && kinds[index - 1] === CharKind.digit) continue;
    if (kind === CharKind.letter || kind === CharKind.digit) {
      hash = hashUnit(isInWord ? hash : EMPTY_HASH, codes[index] ?? 0);
      isInWord = true;
      if (((filter[filterPlace(hash)] ?? 0) & Bit.stem) !== 0) mark(found, stems.get(keyOf(hash)));
      if (isOpened) mark(found, pairStems.get(keyOf(hashPair(previous, hash))));
      continue;
    }
    if (isInWord) {
      const bits = filter[filterPlace(hash)] ?? 0;
      const pair = hashPair(previous, hash);
      if ((bits & Bit.word) !== 0) mark(found, words.get(keyOf(hash)));
      if (((filter[filterPlace(pair)] ?? 0) & Bit.pair) !== 0) mark(found, pairs.get(keyOf(pair)));
      isOpened = (bits & Bit.opener) !== 0;
      [previous, isInWord] = [hash, false];
    }
    if (kind === CharKind.ideograph) markGlyphs(found, { lookup, codes, start: index });
  }
  return found;
}

interface GlyphOptions {
  readonly lookup: Lookup;
  readonly codes: Uint16Array;
  readonly start: number;
}

/** Takes the ideographs from a place on, up to the longest that the table holds. */
function markGlyphs(found: Uint8Array, { lookup, codes, start }: GlyphOptions): void {
  let hash = EMPTY_HASH;
  for (let index = start; index < start + LONGEST_GLYPHS; index++) {
    hash = hashUnit(hash, codes[index] ?? 0);
    const bits = lookup.filter[filterPlace(hash)] ?? 0;
    if ((bits & Bit.glyphs) !== 0) mark(found, lookup.glyphs.get(keyOf(hash)));
  }
}

function mark(found: Uint8Array, themes: readonly number[] | undefined): void {
  for (const theme of themes ?? []) found[theme] = 1;
}
