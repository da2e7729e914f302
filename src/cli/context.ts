/** The real world for commands: this process's streams and environment. */

import type { CliContext } from "./command.ts";

/** Builds the context of this process. What depends on the arguments is filled in once they are read. */
export function createProcessContext(): CliContext {
  const noColor = (Deno.env.get("NO_COLOR") ?? "") !== "";
  return {
    out: (text) => writeAll(Deno.stdout, text),
    err: (text) => writeAll(Deno.stderr, text),
    env: (name) => Deno.env.get(name),
    hasColor: Deno.stdout.isTerminal() && !noColor,
    configOption: null,
    args: [],
  };
}

const ENCODER = new TextEncoder();

/** Writes all of the text; a reader that has closed the pipe (`| head`) wants no more. */
function writeAll(stream: typeof Deno.stdout, text: string): void {
  let rest: Uint8Array = ENCODER.encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
