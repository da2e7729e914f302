/** A strict upstream and the real daemon in front of it, for one client and one dialect. */

import { startDaemon } from "../../.ci/daemon.ts";
import { ROOT } from "../../.ci/process.ts";
import { UPSTREAM_KEY, writeBenchConfig } from "./bench_config.ts";
import { startProgram } from "./program.ts";
import type { Dialect } from "./table.ts";
import { baseEnvironment, type Workshop } from "./workshop.ts";

/** A request as the upstream saw it. */
export interface UpstreamRecord {
  readonly n: number;
  readonly method: string;
  readonly path: string;
  readonly status: number | null;
  readonly scenario: string | null;
  /** `open`, `completed`, `server-cut`, `client-aborted`. */
  readonly outcome: string;
  readonly chunks: number;
  readonly body: Readonly<Record<string, unknown>> | null;
}

/** What a client is run against. */
export interface Bench extends AsyncDisposable {
  readonly dialect: Dialect;
  readonly workshop: Workshop;
  /** For this bench alone: the record of the upstream, the ledger, the homes of clients. */
  readonly folder: string;
  readonly address: string;
  readonly upstream: string;
  /** The requests that the upstream saw after request `since`. */
  records(since: number): Promise<readonly UpstreamRecord[]>;
  /** The last lines that the daemon logged. */
  log(): string;
}

/** What a bench is made for. */
export interface BenchOptions {
  readonly dialect: Dialect;
  /** Part of the folder's name. */
  readonly name: string;
  readonly scenarios: readonly string[];
}

const LIFETIME_MS = 300_000;
const START_TIMEOUT_MS = 20_000;
const SHOWN_LOG_LINES = 6;

/** Starts both; throws when one of them does not start. */
export async function openBench(workshop: Workshop, options: BenchOptions): Promise<Bench> {
  const { dialect, name, scenarios } = options;
  const folder = `${workshop.folder}/runs/${dialect}-${name}`;
  await Deno.mkdir(folder, { recursive: true });
  await using started = new AsyncDisposableStack();
  const upstream = await startUpstream(workshop, folder, started);
  const config = writeBenchConfig({
    dialect,
    upstream,
    ledgerPath: `${folder}/ledger.db`,
    scenarios,
  });
  await Deno.writeTextFile(`${folder}/config.toml`, config);
  const daemon = await startDaemon({
    args: [
      "run",
      "--quiet",
      "--no-check",
      "-A",
      "main.ts",
      "--config",
      `${folder}/config.toml`,
      "run",
    ],
    cwd: ROOT,
  });
  started.use(daemon);
  if (daemon.address === null) {
    throw new Error(`The daemon did not start: ${daemon.log()}`);
  }
  const owned = started.move();
  return {
    dialect,
    workshop,
    folder,
    address: daemon.address,
    upstream,
    records: async (since) => await readJson(`${upstream}/__mock/requests?since=${since}`),
    log: () => daemon.log().trimEnd().split("\n").slice(-SHOWN_LOG_LINES).join("\n"),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function startUpstream(
  { folder: tools, node, signal }: Workshop,
  folder: string,
  started: AsyncDisposableStack,
): Promise<string> {
  const program = startProgram({
    command: node,
    args: [`${tools}/mock.mjs`, "--port", "0", "--log", `${folder}/requests.jsonl`],
    cwd: folder,
    env: { ...baseEnvironment(folder), "MOCK_EXPECT_KEY": UPSTREAM_KEY },
    timeoutMs: LIFETIME_MS,
    signal,
  });
  started.defer(async () => {
    program.send("SIGKILL");
    await program.ended;
  });
  const read = () => /http:\/\/127\.0\.0\.1:\d+/.exec(program.output())?.[0];
  const address = await waitFor(read, {
    timeoutMs: START_TIMEOUT_MS,
    what: "the upstream's start",
  });
  return address;
}

/** How long to wait for what. */
export interface WaitOptions {
  readonly timeoutMs: number;
  readonly what: string;
}

const POLL_MS = 40;

/** Asks again and again until there is a value; throws when there is none in time. */
export async function waitFor<T>(
  read: () => T | undefined | Promise<T | undefined>,
  { timeoutMs, what }: WaitOptions,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (performance.now() > end) {
      throw new Error(`${what} was not seen within ${timeoutMs} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function readJson(url: string): Promise<readonly UpstreamRecord[]> {
  const response = await fetch(url);
  return await response.json();
}
