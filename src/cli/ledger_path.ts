/** Which ledger a command reads. */

import type { OptionValues } from "commander";
import type { Config } from "../config/config.ts";
import type { CliContext } from "./command.ts";
import { tell } from "./tell.ts";

/** The ledger of `--ledger`, else of the config; null when the config has problems, which are told. */
export async function findLedger(
  options: OptionValues,
  context: CliContext,
): Promise<string | null> {
  const option: unknown = options["ledger"];
  if (typeof option === "string") return option;
  const { formatIssues, loadConfig } = await import("../config/load.ts");
  const { configOption, env } = context;
  const loaded = await loadConfig({ configOption, env, now: new Date() });
  if (!loaded.ok) {
    context.err(formatIssues(loaded.file, loaded.issues));
    return null;
  }
  return await findLedgerOf(options, { config: loaded.config, context });
}

/** The ledger of `--ledger`, else of this config; null when no folder for one is known, which is told. */
export async function findLedgerOf(
  options: OptionValues,
  { config, context }: { readonly config: Config; readonly context: CliContext },
): Promise<string | null> {
  const option: unknown = options["ledger"];
  if (typeof option === "string") return option;
  const { defaultLedgerPath } = await import("../config/load.ts");
  const path = config.ledger.path ?? defaultLedgerPath(context.env, Deno.build.os);
  if (path === null) {
    tell(
      context,
      "No folder for the ledger is known: set ledger.path, or name it with --ledger PATH",
    );
  }
  return path;
}
