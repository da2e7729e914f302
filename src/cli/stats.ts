/** `pirouter stats`: what was used and what it cost. */

import type { Command, OptionValues } from "commander";
import type { CliCommand, CliContext, ExitCode } from "./command.ts";
import { type Dimension, DIMENSIONS } from "../ledger/queries.ts";
import { findLedger } from "./ledger_path.ts";
import { parseHours } from "./hours.ts";
import { tell } from "./tell.ts";

const HOUR_MS = 3_600_000;

/** The command. */
export const STATS_COMMAND: CliCommand = {
  name: "stats",
  summary: "show requests, tokens, costs and times from the ledger",
  configure(command: Command): void {
    command
      .option("--hours <number>", "how far to look back, in hours", "24")
      .option("--by <what>", `the rows of the table: ${DIMENSIONS.join(", ")}`, "model")
      .option("--ledger <path>", "read this ledger, whatever the config says")
      .option("--json", "print JSON");
  },
  run,
};

async function run(options: OptionValues, context: CliContext): Promise<ExitCode> {
  const hours = parseHours(options["hours"]);
  if (hours === null) {
    return refuse(context, `--hours must be a number above 0, not "${options["hours"]}"`);
  }
  const by = DIMENSIONS.find((name) => name === options["by"]);
  if (by === undefined) {
    return refuse(context, `--by must be one of ${DIMENSIONS.join(", ")}, not "${options["by"]}"`);
  }
  const ledgerPath = await findLedger(options, context);
  if (ledgerPath === null) return 2;
  return await report({ ledgerPath, hours, by, isJson: options["json"] === true }, context);
}

interface ReportOptions {
  readonly ledgerPath: string;
  readonly hours: number;
  readonly by: Dimension;
  readonly isJson: boolean;
}

async function report(options: ReportOptions, context: CliContext): Promise<ExitCode> {
  const [{ readStats }, { formatStats, formatStatsJson }] = await Promise.all([
    import("../ledger/stats.ts"),
    import("./stats_report.ts"),
  ]);
  const sinceMs = Date.now() - options.hours * HOUR_MS;
  const result = readStats(options.ledgerPath, { sinceMs, by: options.by });
  if (!result.ok) {
    tell(context, result.message);
    return 1;
  }
  const { stats } = result;
  context.out(
    options.isJson
      ? formatStatsJson(stats, options)
      : formatStats(stats, { ...options, hasColor: context.hasColor }),
  );
  return 0;
}

function refuse(context: CliContext, message: string): ExitCode {
  tell(context, message);
  return 2;
}
