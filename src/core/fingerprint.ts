/** Which conversation a request belongs to, told by its opening. */

import { type ChatMessage, type ChatRequest, textOfContent } from "./chat.ts";
import { readOpening } from "./turn.ts";

/** Characters of the opening that tell conversations apart; what follows them changes with the day. */
const SYSTEM_CHARS = 256;
const OPENING_CHARS = 4_096;

/**
 * A fingerprint of the conversation's opening: 106 bits as hexadecimal text; null when the request has
 * no message of the user's. It is the same for every request of a conversation, since clients send
 * its beginning again with each. Digits of the system prompt don't count: dates in it change. The salt keeps
 * others from finding the text of a fingerprint by guessing.
 */
export function fingerprintOf({ messages }: ChatRequest, salt: string): string | null {
  const opening = readOpening(messages);
  if (opening === null) return null;
  const system = messages.find(({ role }) => role === "system" || role === "developer");
  const systemText = textOfContent(system?.content).slice(0, SYSTEM_CHARS)
    .replaceAll(/\d+/g, "0");
  const openingText = opening.slice(0, OPENING_CHARS);
  const text = `${salt}\u0000${systemText}\u0000${openingText}`;
  return hash53(text, 1).toString(16) + hash53(text, 2).toString(16).padStart(14, "0");
}

/** Whether the request goes on with a conversation: an answer is in its history. */
export function isContinued({ messages }: ChatRequest): boolean {
  return messages.some(({ role }: ChatMessage) => role === "assistant");
}

/** A 53-bit hash of a text, mixed from two 32-bit ones (multiplicative, after MurmurHash3's finaliser). */
function hash53(text: string, seed: number): number {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 0x85ebca6b);
    low = Math.imul(low ^ code, 0xc2b2ae35);
  }
  high = Math.imul(high ^ (high >>> 16), 0xc2b2ae35) ^ Math.imul(low ^ (low >>> 13), 0x85ebca6b);
  low = Math.imul(low ^ (low >>> 16), 0xc2b2ae35) ^ Math.imul(high ^ (high >>> 13), 0x85ebca6b);
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
}
