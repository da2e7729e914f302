/** Waiting to be stopped. */

import type { CliContext } from "./command.ts";

/** Resolves at the first signal to stop; a second one ends the process as the system would. */
export function waitForSignal(context: CliContext): Promise<void> {
  const signals: readonly Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  return new Promise((resolve) => {
    const stop = () => {
      for (const signal of signals) Deno.removeSignalListener(signal, stop);
      context.err("Stopping: requests in flight may end; a second signal stops at once.\n");
      resolve();
    };
    for (const signal of signals) Deno.addSignalListener(signal, stop);
  });
}
