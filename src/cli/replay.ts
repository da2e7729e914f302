/** `pirouter replay`: what another configuration would have made of the requests in the ledger. */

import type { Command, OptionValues } from "commander";
import type { CliCommand, CliContext, ExitCode } from "./command.ts";
import { findLedgerOf } from "./ledger_path.ts";
import { loadForCommand } from "./loaded_config.ts";
import { parseHours } from "./hours.ts";
import { tell } from "./tell.ts";

/** The command. */
export const REPLAY_COMMAND: CliCommand = {
  name: "replay",
  summary: "decide the ledger's requests again by a config: what would have gone elsewhere",
  configure(command: Command): void {
    command
      .option("--hours <number>", "look at the last N hours", "24")
      .option("--ledger <path>", "the ledger to read (default: that of the config)")
      .option("--json", "print JSON, every flip included");
  },
  run,
};

const HOUR_MS = 3_600_000;

async function run(options: OptionValues, context: CliContext): Promise<ExitCode> {
  const hours = parseHours(options["hours"]);
  if (hours === null) {
    tell(context, `--hours must be a number above 0, not "${options["hours"]}"`);
    return 2;
  }
  const loaded = await loadForCommand(context);
  if (loaded === null) return 2;
  const ledgerPath = await findLedgerOf(options, { config: loaded.config, context });
  if (ledgerPath === null) return 2;
  const [{ askServers }, { replayRequests }, { readPastRequests }, { SCORE_QUANTILES }, report] =
    await Promise.all([
      import("./served_catalog.ts"),
      import("../core/replay.ts"),
      import("../ledger/past_requests.ts"),
      import("../core/difficulty_weights.ts"),
      import("./replay_report.ts"),
    ]);
  const { catalog, notes } = await askServers(loaded.config);
  context.err(notes);
  const { rules, routing, cascade } = loaded.config;
  const table = { catalog, rules, routing };
  const result = readPastRequests(ledgerPath, {
    sinceMs: Date.now() - hours * HOUR_MS,
    take: (requests) => replayRequests(requests, { table, cascade, priorScores: SCORE_QUANTILES }),
  });
  if (!result.ok) {
    tell(context, result.message);
    return 1;
  }
  const subject = { replay: result.value, file: loaded.file, ledgerPath, hours };
  context.out(
    options["json"] === true
      ? report.formatReplayJson(subject)
      : report.formatReplay(subject, context.hasColor),
  );
  return 0;
}
