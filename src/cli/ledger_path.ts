/** Which ledger a command reads. */

import type { OptionValues } from "commander";
import type { CliContext } from "./command.ts";
import { tell } from "./tell.ts";

/** The ledger of `--ledger`, else of the config; null when the config has problems, which are told. */
export async function findLedger(
  options: OptionValues,
  context: CliContext,
): Promise<string | null> {
  const option: unknown = options["ledger"];
  if (typeof option === "string") return option;
  const { defaultLedgerPath, formatIssues, loadConfig } = await import("../config/load.ts");
  const { configOption, env } = context;
  const loaded = await loadConfig({ configOption, env, now: new Date() });
  if (!loaded.ok) {
    context.err(formatIssues(loaded.file, loaded.issues));
    return null;
  }
  const path = loaded.config.ledger.path ?? defaultLedgerPath(env, Deno.build.os);
  if (path === null) {
    tell(
      context,
      "No folder for the ledger is known: set ledger.path, or name it with --ledger PATH",
    );
  }
  return path;
}
