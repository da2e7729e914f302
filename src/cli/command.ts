/** What a CLI command is: one file, one entry in the table of `mod.ts`. */

import type { Command, OptionValues } from "commander";

/** 0 done, 1 failed, 2 usage or config error. */
export type ExitCode = 0 | 1 | 2;

/** The world as a command sees it; tests give their own. */
export interface CliContext {
  /** Writes results. */
  out(text: string): void;
  /** Writes everything else: warnings, progress, errors. */
  err(text: string): void;
  /** Reads an environment variable. */
  env(name: string): string | undefined;
  /** Whether stdout is a terminal that shows colours (`NO_COLOR` is honoured). */
  readonly hasColor: boolean;
  /** The file of `--config`, or null when the option is absent. */
  readonly configOption: string | null;
  /** What follows the command's name besides options. */
  readonly args: readonly string[];
}

/** One command. What is heavy is imported inside `run`, so that `--help` stays fast. */
export interface CliCommand {
  readonly name: string;
  readonly summary: string;
  /** Declares its options and arguments. */
  configure(command: Command): void;
  /** Does it. Expected failures are told with `context.err` and an exit code, never thrown. */
  run(options: OptionValues, context: CliContext): Promise<ExitCode>;
}
