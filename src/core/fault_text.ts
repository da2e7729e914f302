/** Makes what an upstream said of its fault safe to show. */

import { escapeLine, type Redact } from "../redact.ts";
import type { UpstreamFault } from "./outcome.ts";

/** The most characters of one text. */
const MAX_TEXT_CHARS = 500;

/**
 * The fault with every text of it on one line, short, and without secrets: an upstream may echo the
 * key that it refuses. Secrets go before the text is cut, so that no half of one is left.
 */
export function cleanFault(fault: UpstreamFault, redact: Redact): UpstreamFault {
  const clean = (text: string) => clip(escapeLine(redact(text.trim())));
  const cleanOptional = (text: string | null | undefined) => text ? clean(text) : text ?? null;
  return {
    ...fault,
    message: clean(fault.message),
    type: cleanOptional(fault.type),
    code: cleanOptional(fault.code),
    param: cleanOptional(fault.param),
  };
}

function clip(line: string): string {
  if (line.length <= MAX_TEXT_CHARS) return line;
  return line.slice(0, MAX_TEXT_CHARS - 1).toWellFormed() + "…";
}
