/** Ids of tool calls in the form that a server takes, the same for the same conversation. */

import { ANY_ID, type IdForm } from "./history.ts";
import type { Quirks } from "./openai_quirk.ts";
import { WireNames } from "./wire_name.ts";

/** The longest id that OpenAI takes. */
const MAX_CHARS = 40;

const NINE_CHARS = /^[A-Za-z0-9]{9}$/;

/** THE TABLE of forms. */
export const CALL_IDS: Readonly<Record<Quirks["callIds"], IdForm>> = {
  any: ANY_ID,
  short: {
    isRight: (id) => id !== "" && id.length <= MAX_CHARS,
    create: () => new WireNames(MAX_CHARS, shortenId),
  },
  nine: { isRight: (id) => NINE_CHARS.test(id), create: createNineCharIds },
};

/**
 * Shortens the id of a tool call that another vendor made, always to the same one, so that calls and
 * results stay paired and prompt caches stay warm.
 */
function shortenId(id: string): string {
  if (id.length <= MAX_CHARS) return id;
  const digest = hashOf(id, 0x811c9dc5) + hashOf(id, 0x01000193);
  return `${id.slice(0, MAX_CHARS - 1 - digest.length)}_${digest}`;
}

/** Mistral's form; an id that repeats is told apart by how often it came, as no suffix has room. */
function createNineCharIds(): WireNames {
  const counts = new Map<string, number>();
  return new WireNames(9, (id) => {
    const count = counts.get(id) ?? 0;
    counts.set(id, count + 1);
    const isRight = count === 0 && NINE_CHARS.test(id);
    return isRight ? id : digestOf(`${id} ${count}`);
  });
}

function digestOf(text: string): string {
  return hashOf(text, 0x811c9dc5, 36).slice(-5) + hashOf(text, 0x01000193, 36).slice(-4);
}

/** FNV-1a, 32 bits, as 8 digits or, to base 36, 7 (RFC 9923). */
function hashOf(text: string, offset: number, radix: 16 | 36 = 16): string {
  let hash = offset;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(radix).padStart(radix === 16 ? 8 : 7, "0");
}
