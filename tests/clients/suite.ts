/** All clients in front of all dialects, a few at a time. */

import { say } from "../../.ci/process.ts";
import { runAgent } from "./agent_cases.ts";
import { AGENTS } from "./agents.ts";
import { type Bench, openBench } from "./bench.ts";
import { REPLAYED, runReplays } from "./replays.ts";
import { runSdk, SDKS } from "./sdks.ts";
import type { Selection } from "./selection.ts";
import { judgeRecords } from "./strict.ts";
import type { Dialect, Result } from "./table.ts";
import type { Workshop } from "./workshop.ts";

/** A client, whatever it is. */
interface Runner {
  readonly name: string;
  readonly id: string;
  /** Its packages; none when npm does not have it. */
  readonly needs: readonly string[];
  /** Its name in the README. */
  readonly readme: string;
  run(bench: Bench): Promise<readonly Result[]>;
}

const RUNNERS: readonly Runner[] = [
  ...SDKS.map((sdk) => ({ ...sdk, run: (bench: Bench) => runSdk(sdk, bench) })),
  ...AGENTS.map((agent) => ({
    ...agent,
    run: (bench: Bench) => runAgent(agent, bench),
  })),
  ...REPLAYED.map((client) => ({
    ...client,
    needs: [],
    run: (bench: Bench) => runReplays(client, bench),
  })),
];

/** How `--only` calls the clients. */
export const CLIENT_IDS: readonly string[] = [...new Set(RUNNERS.map(({ id }) => id))];

/** The clients that are run, as the README calls them. */
export const TRIED_CLIENTS: readonly string[] = [...new Set(RUNNERS.map(({ readme }) => readme))];

/** More than there are cores: clients wait most of the time. */
const AT_ONCE = 5;

/** Runs what is selected; the results of the strict upstreams come last. */
export async function runSuite(
  workshop: Workshop,
  { clients, dialects }: Selection,
): Promise<readonly Result[]> {
  const scenarios = await readScenarios(workshop.folder);
  const runners = RUNNERS.filter(({ id }) => clients.includes(id));
  const jobs = runners.flatMap((runner) => dialects.map((dialect) => ({ runner, dialect })));
  const waiting = jobs.values();
  const results: Result[] = [];
  const work = async () => {
    for (const job of waiting) {
      if (workshop.signal.aborted) return;
      results.push(...await runJob(job, workshop, scenarios));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (const dialect of dialects) {
    results.push(...await judgeRecords(dialect, await foldersOf(workshop.folder, dialect)));
  }
  return results;
}

interface Job {
  readonly runner: Runner;
  readonly dialect: Dialect;
}

async function runJob(
  { runner, dialect }: Job,
  workshop: Workshop,
  scenarios: readonly string[],
): Promise<readonly Result[]> {
  const { name, needs } = runner;
  const reason = needs.map((needed) => workshop.missing.get(needed)).find((
    text,
  ) => text !== undefined);
  const whole = { client: name, name: "all cases", dialect };
  if (reason !== undefined) return [{ ...whole, outcome: "skipped", reason }];
  const started = performance.now();
  try {
    const folder = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
    await using bench = await openBench(workshop, {
      dialect,
      name: folder,
      scenarios,
    });
    const results = await runner.run(bench);
    const failed = results.filter(({ outcome }) => outcome === "FAILED").length;
    const seconds = ((performance.now() - started) / 1_000).toFixed(0);
    say(`${failed === 0 ? "ok     " : "FAILED "} ${name}, ${dialect} (${seconds} s)`);
    if (failed > 0) say(bench.log());
    return results;
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return [{ ...whole, outcome: "FAILED", reason: failure }];
  }
}

async function foldersOf(folder: string, dialect: Dialect): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(`${folder}/runs`)) {
    if (name.startsWith(`${dialect}-`)) names.push(`${folder}/runs/${name}`);
  }
  return names;
}

async function readScenarios(folder: string): Promise<readonly string[]> {
  const source = await Deno.readTextFile(`${folder}/mock.mjs`);
  const list = /export const SCENARIOS = \[([^\]]*)\]/.exec(source)?.[1] ?? "";
  return [...list.matchAll(/'([^']+)'/g)].map(([, name]) => name ?? "");
}
