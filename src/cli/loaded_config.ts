/** The config as commands use it: problems are told, never thrown. */

import type { Config } from "../config/config.ts";
import type { CliContext } from "./command.ts";

/** A usable config and the file it came from. */
export interface LoadedConfig {
  readonly file: string;
  readonly config: Config;
}

/** Loads the config and tells its warnings; null when it has errors, which are told as well. */
export async function loadForCommand(context: CliContext): Promise<LoadedConfig | null> {
  const { formatIssues, loadConfig } = await import("../config/load.ts");
  const { configOption, env } = context;
  const loaded = await loadConfig({ configOption, env, now: new Date() });
  context.err(formatIssues(loaded.file, loaded.ok ? loaded.warnings : loaded.issues));
  return loaded.ok ? loaded : null;
}
