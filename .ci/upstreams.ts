/**
 * Runs real client SDKs through the daemon against strict upstreams of all three dialects. The
 * upstreams and the clients' drivers are an optional aid: a folder beside the checkout, or the one
 * that PIROUTER_UPSTREAMS names. Without it nothing is run, and that is said.
 *
 * Exit codes: 0 done or skipped, 1 failed.
 */

import { killChild, startDaemon } from "./daemon.ts";
import { ROOT, say } from "./process.ts";
import { UPSTREAM_KEY, type Wire, WIRES, writeConfig } from "./upstream_config.ts";

const CLIENTS = "openai-sdk,langchain,ai-sdk";
const CLIENT_KEY = "key-of-the-client-c1d7";
/** The upstreams' record shows the last four characters of a key alone. */
const CLIENT_KEY_SIGN = /key-of-the-client|…c1d7/;
const SHOWN_LOG_LINES = 20;
const SETUP_TIMEOUT_MS = 180_000;
const RUN_TIMEOUT_MS = 120_000;

/** A run: one wire, addressed by aliases or routed by the policy. */
interface Run {
  readonly wire: Wire;
  readonly isRouted: boolean;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Where the runs happen: a writable copy of the folder. */
interface Workshop {
  readonly folder: string;
  readonly scenarios: readonly string[];
}

const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0 };
const LOST: Counts = { passed: 0, failed: 1, skipped: 0 };

async function main(): Promise<number> {
  const source = Deno.env.get("PIROUTER_UPSTREAMS") ??
    new URL("../shared/upstreams", ROOT).pathname;
  if (!await isFile(`${source}/run.mjs`)) {
    say(`skipped: there are no strict upstreams in ${source} (PIROUTER_UPSTREAMS can name others)`);
    return 0;
  }
  const folder = await Deno.makeTempDir({ prefix: "pirouter-upstreams-" });
  const stopped = new AbortController();
  const onSignal = () => stopped.abort();
  for (const signal of SIGNALS) Deno.addSignalListener(signal, onSignal);
  try {
    await copyFolder(source, folder);
    return await runAll(folder, stopped.signal);
  } finally {
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, onSignal);
    await Deno.remove(folder, { recursive: true });
  }
}

const SIGNALS: readonly Deno.Signal[] = ["SIGINT", "SIGTERM"];

async function runAll(folder: string, signal: AbortSignal): Promise<number> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(SETUP_TIMEOUT_MS)]);
  const setup = await runTool("npm", { args: ["run", "setup"], cwd: folder, env: {} }, limit);
  if (!setup.success) {
    say(`FAILED  npm run setup\n${setup.output}`);
    return 1;
  }
  const workshop = { folder, scenarios: await readScenarios(folder) };
  let failed = 0;
  for (const wire of WIRES) {
    const named = await runOnce({ wire, isRouted: false }, workshop, signal);
    const routed = await runOnce({ wire, isRouted: true }, workshop, signal);
    const counts = add(named, routed);
    failed += counts.failed;
    say(`${wire}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
  return failed === 0 ? 0 : 1;
}

async function runOnce(run: Run, workshop: Workshop, signal: AbortSignal): Promise<Counts> {
  if (signal.aborted) return NOTHING;
  const { wire, isRouted } = run;
  const name = `${wire}, ${isRouted ? "routed as auto" : "by alias"}`;
  const out = `${workshop.folder}/out-${wire}-${isRouted ? "auto" : "alias"}`;
  await Deno.mkdir(out);
  const mockPort = findFreePort();
  const scenarios = isRouted ? ["ok"] : workshop.scenarios;
  const config = writeConfig({ wire, mockPort, ledgerPath: `${out}/ledger.db`, scenarios });
  await Deno.writeTextFile(`${out}/config.toml`, config);
  await using daemon = await startDaemon({
    args: ["run", "--quiet", "-A", "main.ts", "--config", `${out}/config.toml`, "run"],
    cwd: ROOT,
  });
  if (daemon.address === null) {
    say(`FAILED  ${name}: the daemon did not start\n${daemon.log()}`);
    return LOST;
  }
  const limit = AbortSignal.any([signal, AbortSignal.timeout(RUN_TIMEOUT_MS)]);
  const env = {
    "BASE_URL": `${daemon.address}/v1`,
    "MOCK_PORT": String(mockPort),
    "MOCK_EXPECT_KEY": UPSTREAM_KEY,
    "API_KEY": CLIENT_KEY,
    "WIRE": wire,
    "MODEL_FMT": isRouted ? "auto" : `${wire}-{s}`,
    "ONLY": CLIENTS,
    "OUT": out,
  };
  const ended = await runTool("node", { args: ["run.mjs"], cwd: workshop.folder, env }, limit);
  const counts = add(readCounts(ended), await countLeaks(out, name));
  if (counts.failed === 0) say(`ok      ${name}`);
  else {
    const log = daemon.log().split("\n").slice(-SHOWN_LOG_LINES).join("\n");
    say(`FAILED  ${name}\n${describeFailures(ended.output)}\n${log}`);
  }
  return counts;
}

/** Whether the client's key is in what the upstreams received, in the ledger or in its log. */
async function countLeaks(out: string, name: string): Promise<Counts> {
  for await (const { name: file } of Deno.readDir(out)) {
    if (!/^(requests\.jsonl|ledger\.db.*)$/.test(file)) continue;
    if (!CLIENT_KEY_SIGN.test(await Deno.readTextFile(`${out}/${file}`))) continue;
    say(`FAILED  ${name}: the client's key is in ${file}`);
    return LOST;
  }
  return NOTHING;
}

/** The numbers of a run's last line; a run without them has failed. */
function readCounts({ success, output }: ToolEnd): Counts {
  const found = [...output.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)].at(-1);
  if (found === undefined) return LOST;
  const [passed = 0, failed = 0, skipped = 0] = found.slice(1).map(Number);
  return { passed, failed: failed === 0 && !success ? 1 : failed, skipped };
}

/** The lines of the cases that failed, or all of it when none says so. */
function describeFailures(output: string): string {
  const lines = output.split("\n").filter((line) => line.startsWith("FAIL "));
  return lines.length === 0 ? output : lines.join("\n");
}

function add(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

interface ToolEnd {
  readonly success: boolean;
  readonly output: string;
}

interface ToolOptions {
  readonly args: readonly string[];
  readonly cwd: string;
  /** Added to the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a program of Node's to its end; when the signal aborts, it and its children are ended. */
async function runTool(name: string, options: ToolOptions, signal: AbortSignal): Promise<ToolEnd> {
  const command = new Deno.Command(name, {
    args: [...options.args],
    cwd: options.cwd,
    env: { ...options.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true, // a group of its own, so that its children can be ended with it
  });
  const child = command.spawn();
  const onAbort = () => killGroup(child);
  signal.addEventListener("abort", onAbort);
  const [out, err] = [new Response(child.stdout).text(), new Response(child.stderr).text()];
  const { success } = await child.status;
  signal.removeEventListener("abort", onAbort);
  killGroup(child);
  return { success: success && !signal.aborted, output: await out + await err };
}

function killGroup(child: Deno.ChildProcess): void {
  try {
    Deno.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) killChild(child, "SIGKILL");
  }
}

/** A port that was free a moment ago: the upstreams must be told theirs before they start. */
function findFreePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function readScenarios(folder: string): Promise<readonly string[]> {
  const source = await Deno.readTextFile(`${folder}/mock.mjs`);
  const list = /export const SCENARIOS = \[([^\]]*)\]/.exec(source)?.[1] ?? "";
  return [...list.matchAll(/'([^']+)'/g)].map(([, name]) => name ?? "");
}

/** Copies files, not their permissions: the folder may be one that nobody may write to. */
async function copyFolder(from: string, to: string): Promise<void> {
  for await (const entry of Deno.readDir(from)) {
    const [source, target] = [`${from}/${entry.name}`, `${to}/${entry.name}`];
    if (entry.isDirectory && entry.name !== "node_modules" && entry.name !== "out") {
      await Deno.mkdir(target);
      await copyFolder(source, target);
    } else if (entry.isFile) await Deno.writeFile(target, await Deno.readFile(source));
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

if (import.meta.main) Deno.exit(await main());
