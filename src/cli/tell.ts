/** One line for the user. */

import { escapeLine } from "../redact.ts";
import type { CliContext } from "./command.ts";

/** Writes one line to stderr, whatever a path or an argument contains. */
export function tell(context: CliContext, message: string): void {
  context.err(escapeLine(message) + "\n");
}
