/** The command line. */

import { Command, CommanderError } from "commander";
import { CHECK_CONFIG_COMMAND } from "./check_config.ts";
import type { CliCommand, CliContext, ExitCode } from "./command.ts";
import { DEMO_COMMAND } from "./demo.ts";
import { MODELS_COMMAND } from "./models.ts";
import { REPLAY_COMMAND } from "./replay.ts";
import { ROUTE_COMMAND } from "./route.ts";
import { RUN_COMMAND } from "./run.ts";
import { STATS_COMMAND } from "./stats.ts";
import { VERSION } from "./version.ts";
import { WHY_COMMAND } from "./why.ts";

/** THE TABLE of commands. */
export const COMMANDS: readonly CliCommand[] = [
  RUN_COMMAND,
  CHECK_CONFIG_COMMAND,
  MODELS_COMMAND,
  ROUTE_COMMAND,
  STATS_COMMAND,
  WHY_COMMAND,
  REPLAY_COMMAND,
  DEMO_COMMAND,
];

/** Runs the command that `args` names; never throws for what a user does. */
export async function runCli(args: readonly string[], context: CliContext): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = createProgram(context);
  for (const command of COMMANDS) {
    const sub = program.command(command.name).description(command.summary);
    command.configure(sub);
    sub.action(async () => {
      const config: unknown = program.opts()["config"];
      const configOption = typeof config === "string" ? config : null;
      exitCode = await command.run(sub.opts(), { ...context, configOption, args: sub.args });
    });
  }
  try {
    // No command takes what `--` is for; task runners leave it in (`deno task demo -- --once`).
    const own = args.filter((arg) => arg !== "--");
    await program.parseAsync(own, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}

function createProgram(context: CliContext): Command {
  return new Command("pirouter")
    .description("Routes each chat request to the cheapest model that is likely to handle it well.")
    .version(VERSION, "-V, --version", "print the version")
    .option("--config <path>", "the config file (default: $PIROUTER_CONFIG, else the platform's)")
    .showHelpAfterError("Run with --help to see what there is.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.out(text),
      writeErr: (text) => context.err(text),
    });
}
