/**
 * Runs real clients through the daemon against strict upstreams of all three dialects, and prints a
 * table: client, case, dialect. The clients are configured with the text of the README. The strict
 * upstreams are an optional aid: a folder beside the checkout, or the one that PIROUTER_UPSTREAMS
 * names; without it nothing is run, and that is said. PIROUTER_CLIENTS names a folder that keeps the
 * installed clients for the next run.
 *
 *     deno task test:clients --only pi,openai --dialect ollama
 *
 * Exit codes: 0 done or skipped, 1 failed, 2 wrong usage.
 */

import { ROOT, say } from "../../.ci/process.ts";
import { readClientConfigs } from "./readme.ts";
import { readSelection, type Selection } from "./selection.ts";
import { runSuite } from "./suite.ts";
import { describeResults } from "./table.ts";
import { fillWorkshop, findNode, installClients } from "./workshop.ts";

const SUITE_TIMEOUT_MS = 480_000;
const SIGNALS: readonly Deno.Signal[] = ["SIGINT", "SIGTERM"];

async function main(): Promise<number> {
  const selection = readSelection(Deno.args);
  if (typeof selection === "string") {
    say(selection);
    return 2;
  }
  if (Deno.build.os === "windows") {
    say("skipped: the clients are run on Linux and macOS");
    return 0;
  }
  const upstreams = Deno.env.get("PIROUTER_UPSTREAMS") ??
    new URL("../shared/upstreams", ROOT).pathname;
  if (!await isFile(`${upstreams}/mock.mjs`)) {
    say(`skipped: there are no strict upstreams in ${upstreams} (PIROUTER_UPSTREAMS names others)`);
    return 0;
  }
  const folder = await Deno.makeTempDir({ prefix: "pirouter-clients-" });
  const stopped = new AbortController();
  const onSignal = () => stopped.abort();
  for (const signal of SIGNALS) Deno.addSignalListener(signal, onSignal);
  try {
    await fillWorkshop(folder, upstreams);
    const limit = AbortSignal.timeout(SUITE_TIMEOUT_MS);
    return await runIn(folder, selection, AbortSignal.any([limit, stopped.signal]));
  } finally {
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, onSignal);
    await Deno.remove(folder, { recursive: true });
  }
}

async function runIn(folder: string, selection: Selection, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  const keptIn = Deno.env.get("PIROUTER_CLIENTS");
  const missing = await installClients({ folder, keptIn, signal });
  say(`clients are installed after ${secondsSince(started)} s`);
  for (const [name, reason] of missing) {
    say(`skipped: ${name} can't be installed: ${reason}`);
  }
  const node = await findNode(folder);
  if (node === null) {
    say("skipped: the clients need Node 22, and it can't be installed here");
    return 0;
  }
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const configs = readClientConfigs(readme);
  const results = await runSuite({ folder, node, configs, missing, signal }, selection);
  say(describeResults(results, selection));
  if (signal.aborted) say("FAILED  the suite was stopped before its end");
  say(`all of it took ${secondsSince(started)} s`);
  return signal.aborted || results.some(({ outcome }) => outcome === "FAILED") ? 1 : 0;
}

function secondsSince(started: number): string {
  return ((performance.now() - started) / 1_000).toFixed(0);
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
