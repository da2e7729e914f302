/** `pirouter run`: the daemon. */

import type { Command, OptionValues } from "commander";
import type { Daemon } from "../server/daemon.ts";
import type { CliCommand, CliContext, ExitCode } from "./command.ts";
import { type LoadedConfig, loadForCommand } from "./loaded_config.ts";
import { waitForSignal } from "./signal.ts";

/** The command. */
export const RUN_COMMAND: CliCommand = {
  name: "run",
  summary: "start the daemon that routes requests",
  configure(command: Command): void {
    command.option("--port <number>", "listen on this port, whatever the config says");
  },
  run,
};

async function run(options: OptionValues, context: CliContext): Promise<ExitCode> {
  const port = parsePort(options["port"]);
  if (port === "invalid") {
    context.err(`--port must be a whole number from 0 to 65535, not "${options["port"]}"\n`);
    return 2;
  }
  const loaded = await loadForCommand(context);
  if (loaded === null) return 2;
  const { findStartIssue, formatIssue, defaultLedgerPath } = await import("../config/load.ts");
  const issue = findStartIssue(loaded.config);
  if (issue !== null) {
    context.err(formatIssue(loaded.file, issue) + "\n");
    return 2;
  }
  const server = { ...loaded.config.server, ...(port === null ? {} : { port }) };
  const config = { ...loaded.config, server };
  const ledgerPath = config.ledger.path ?? defaultLedgerPath(context.env, Deno.build.os);
  if (ledgerPath === null) {
    context.err("No folder for the ledger is known: set path in the [ledger] section.\n");
    return 2;
  }
  return await serve({ loaded: { file: loaded.file, config }, ledgerPath }, context);
}

function parsePort(text: unknown): number | null | "invalid" {
  if (typeof text !== "string") return null;
  const port = /^\d+$/.test(text) ? Number(text) : NaN;
  return port <= 65_535 ? port : "invalid";
}

async function serve(
  options: { readonly loaded: LoadedConfig; readonly ledgerPath: string },
  context: CliContext,
): Promise<ExitCode> {
  const { config } = options.loaded;
  const [{ startDaemon }, { configureLog }, { createRedact }] = await Promise.all([
    import("../server/daemon.ts"),
    import("../log.ts"),
    import("../redact.ts"),
  ]);
  const secrets = [...config.providers.values()].flatMap((provider) => provider.apiKey ?? []);
  const redact = createRedact(secrets);
  configureLog({ level: config.server.logLevel, redact, write: (line) => context.err(line) });
  const started = await startDaemon({ config, ledgerPath: options.ledgerPath });
  if (started.type === "error") {
    context.err(started.message + "\n");
    return 1;
  }
  const { daemon } = started;
  context.err(describeStart(daemon, options));
  await waitForSignal();
  const hurry = new AbortController();
  void waitForSignal().then(() => hurry.abort());
  context.err("Stopping: requests in flight may end; a second signal ends them.\n");
  await daemon.close(hurry.signal);
  context.err("pirouter has stopped.\n");
  return hurry.signal.aborted ? 1 : 0;
}

function describeStart(
  daemon: Daemon,
  options: { readonly loaded: LoadedConfig; readonly ledgerPath: string },
): string {
  const { file, config } = options.loaded;
  const usable = [...daemon.catalog().values()].filter((model) =>
    model.enabled && model.unusable === null
  );
  return [
    `pirouter listens on ${daemon.baseUrl} (set this as your client's base URL)`,
    `  config  ${file}`,
    `  ledger  ${options.ledgerPath}`,
    `  models  ${usable.map((model) => model.alias).join(", ")}`,
    `  routing ${describeRules(config.rules.length)}, then profile ${config.routing.profile}`,
    "",
  ].join("\n");
}

function describeRules(count: number): string {
  return count === 1 ? "1 rule" : `${count} rules`;
}
