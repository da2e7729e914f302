/** `pirouter demo`: the daemon before simulated providers, a few requests, and what they cost. */

import type { Command, OptionValues } from "commander";
import type { Config } from "../config/config.ts";
import type { Daemon } from "../server/daemon.ts";
import type { CliCommand, CliContext, ExitCode } from "./command.ts";
import { waitForSignal } from "./signal.ts";

/** The command. */
export const DEMO_COMMAND: CliCommand = {
  name: "demo",
  summary: "show routing on built-in simulated providers: no key, no network",
  configure(command: Command): void {
    command.option("--once", "end after the requests, do not stay up");
  },
  run,
};

/** What the daemon listens on, so that the printed commands work as they stand; else any free port. */
const PREFERRED_PORT = 11_435;

async function run(options: OptionValues, context: CliContext): Promise<ExitCode> {
  const isOnce = options["once"] === true;
  const [{ startSimulatedProviders }, { configureLog, disposeLog }] = await Promise.all([
    import("../demo/simulated_providers.ts"),
    import("../log.ts"),
  ]);
  configureLog({ level: "warning", redact: (text) => text, write: (line) => context.err(line) });
  const stop = new AbortController();
  const providers = startSimulatedProviders({ signal: stop.signal });
  const folder = await Deno.makeTempDir({ prefix: "pirouter-demo-" });
  const place = { endpoints: providers.endpoints, ledgerPath: `${folder}/ledger.db` };
  const demo = await start({ ...place, port: isOnce ? 0 : PREFERRED_PORT }, context) ??
    await start({ ...place, port: 0 }, context);
  if (demo === null) {
    context.err("The demo can't listen on 127.0.0.1: is it blocked on this machine?\n");
    stop.abort();
    return 1;
  }
  await Deno.writeTextFile(`${folder}/config.toml`, demo.text);
  const files = { config: `${folder}/config.toml`, ledger: place.ledgerPath };
  context.out(
    `pirouter demo: simulated providers of all three dialects, the daemon in front of them on ` +
      `${demo.daemon.baseUrl}\n  config  ${files.config}\n  ledger  ${files.ledger}\n`,
  );
  await showRequests(demo, context);
  await showLedger(demo, { ...files, context });
  if (!isOnce) await stayUp(demo.daemon, { ...files, context });
  await demo.daemon.close();
  stop.abort();
  await providers.finished;
  disposeLog();
  return 0;
}

interface RunningDemo {
  readonly daemon: Daemon;
  readonly config: Config;
  readonly text: string;
}

type DemoPlaces = Parameters<typeof import("../demo/config_text.ts").writeDemoConfig>[0];

/** Starts the daemon; null when its port is taken. */
async function start(places: DemoPlaces, context: CliContext): Promise<RunningDemo | null> {
  const [{ writeDemoConfig }, { formatIssues, parseConfig }, { startDaemon }] = await Promise.all([
    import("../demo/config_text.ts"),
    import("../config/load.ts"),
    import("../server/daemon.ts"),
  ]);
  const text = writeDemoConfig(places);
  const parsed = await parseConfig(text, { file: "demo", env: () => undefined, now: new Date() });
  if (!parsed.ok) {
    context.err(formatIssues(parsed.file, parsed.issues));
    return null;
  }
  const started = await startDaemon({ config: parsed.config, ledgerPath: places.ledgerPath });
  if (started.type === "error") return null;
  return { daemon: started.daemon, config: parsed.config, text };
}

async function showRequests(demo: RunningDemo, context: CliContext): Promise<void> {
  const [{ DEMO_REQUESTS }, { sendDemoRequest }, { explainDemoRequest }] = await Promise.all([
    import("../demo/script.ts"),
    import("./demo_client.ts"),
    import("./demo_report.ts"),
  ]);
  const out = (text: string) => context.out(text);
  for (const [index, request] of DEMO_REQUESTS.entries()) {
    const bold = context.hasColor ? ["\x1b[1m", "\x1b[22m"] : ["", ""];
    out(`\n${bold[0]}${index + 1}. ${request.title}${bold[1]}: ${request.note}\n`);
    out(explainDemoRequest(request, demo.config));
    await sendDemoRequest(request, { baseUrl: demo.daemon.baseUrl, out });
  }
}

interface DemoFiles {
  readonly config: string;
  readonly ledger: string;
  readonly context: CliContext;
}

async function showLedger(demo: RunningDemo, files: DemoFiles): Promise<void> {
  const { context } = files;
  await demo.daemon.flushLedger();
  const [{ readAttempts }, { formatAttempts }, { STATS_COMMAND }, { WHY_COMMAND }] = await Promise
    .all([
      import("../ledger/attempts.ts"),
      import("./demo_report.ts"),
      import("./stats.ts"),
      import("./why.ts"),
    ]);
  const attempts = readAttempts(files.ledger);
  context.out("\nWhat the ledger says of every attempt\n\n");
  context.out(formatAttempts(attempts, context.hasColor));
  context.out("\n$ pirouter stats\n\n");
  const { ledger } = files;
  await STATS_COMMAND.run({ hours: "24", by: "model", ledger }, context);
  // The last one that took more than one attempt has the most to tell.
  const id = attempts.findLast(({ seq }) => seq > 1)?.requestId;
  if (id === undefined) return;
  context.out(`\n$ pirouter why ${id.slice(0, 8)}\n\n`);
  await WHY_COMMAND.run({ ledger }, { ...context, args: [id] });
}

async function stayUp(daemon: Daemon, files: DemoFiles): Promise<void> {
  const { context } = files;
  context.out(`
The daemon stays up. In another terminal:

  curl -N ${daemon.baseUrl}/chat/completions -H 'content-type: application/json' \\
    -d '{"model": "auto", "stream": true, "messages": [{"role": "user", "content": "Hello"}]}'

  deno task pirouter --config ${files.config} route --prompt "Debug this race condition"

  deno task pirouter why --ledger ${files.ledger}   # the newest request, or: why ID

  sqlite3 -box ${files.ledger} "SELECT r.route_rule, a.seq, a.alias, a.outcome, a.input_tokens,
    a.output_tokens, a.cost_usd FROM requests r JOIN attempts a ON a.request_id = r.id
    ORDER BY r.ts, a.seq"

Ctrl-C ends it.
`);
  await waitForSignal();
}
