/** What the drivers share. They run under Node, beside the clients that npm installed. */

import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";

/** How many tokens the strict upstreams count. */
export const TOTAL_TOKENS = 168;

/** The dialect of the upstream. */
export const dialect: string = readVariable("DIALECT");

/** The alias of the model for embeddings. */
export const embeddingsAlias: string = readVariable("EMBEDDINGS_ALIAS");

function readVariable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`The environment has no ${name}.`);
  return value;
}

/** Imports a package of the clients' folder: the repository itself does not have it. */
export function load(name: string): Promise<unknown> {
  return import(name);
}

/**
 * The client as the README's code makes it: `names` are what that code mentions. It throws when the
 * code names no model that could be replaced by the wanted one.
 */
export function makeClient(names: Readonly<Record<string, unknown>>, model?: string): unknown {
  const code = codeFor(model);
  return new Function(...Object.keys(names), `return (${code});`)(...Object.values(names));
}

function codeFor(model: string | undefined): string {
  const code = readVariable("CLIENT_CODE");
  if (model === undefined) return code;
  if (!code.includes('"auto"')) throw new Error(`The README's code has no "auto": ${code}`);
  return code.replace('"auto"', JSON.stringify(model));
}

/** The alias whose model plays a fault: its own, so that it cools down nobody else. */
export function aliasFor(scenario: string): string {
  return `${dialect}-${scenario}`;
}

/** A request as the upstream saw it. */
export interface UpstreamRecord {
  readonly n: number;
  readonly method: string;
  readonly scenario: string | null;
  readonly outcome: string;
  readonly chunks: number;
}

async function readRecords(since: number): Promise<readonly UpstreamRecord[]> {
  const response = await fetch(`${readVariable("MOCK_URL")}/__mock/requests?since=${since}`);
  const records: readonly UpstreamRecord[] = await response.json();
  return records.filter(({ method }) => method === "POST");
}

/** What the upstream saw since a moment. */
export interface UpstreamWatch {
  records(): Promise<readonly UpstreamRecord[]>;
  /** Throws when no such request was seen within 6 seconds. */
  waitFor(isWanted: (record: UpstreamRecord) => boolean, what: string): Promise<UpstreamRecord>;
}

/** Begins to watch the upstream. */
export async function watchUpstream(): Promise<UpstreamWatch> {
  const since = (await readRecords(0)).at(-1)?.n ?? 0;
  return {
    records: () => readRecords(since),
    async waitFor(isWanted, what) {
      for (const end = Date.now() + 6_000; Date.now() < end; await pause(40)) {
        const record = (await readRecords(since)).find(isWanted);
        if (record !== undefined) return record;
      }
      throw new Error(`${what} was not seen within 6 s`);
    },
  };
}

/** Aborts what it starts once it has begun; the upstream must see its end. */
export async function expectCancelled(
  start: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const upstream = await watchUpstream();
  const controller = new AbortController();
  const running = start(controller.signal).catch(() => undefined); // how it ends is the client's affair
  const { n } = await upstream.waitFor(
    ({ scenario, chunks }) => scenario === "hang-midstream" && chunks > 0,
    "the request",
  );
  controller.abort();
  await upstream.waitFor(
    (record) => record.n === n && record.outcome === "client-aborted",
    "the end of the upstream's request",
  );
  await running;
}

/** The error that something ends with. */
export async function failureOf(asked: PromiseLike<unknown>): Promise<unknown> {
  const ended = await Promise.resolve(asked).then(() => null, (error: unknown) => error);
  if (ended === null) throw new Error("It succeeded, but should have failed.");
  return ended;
}

/** Fails unless the pieces arrived over time: tokens come 100 ms apart. */
export function expectSpread(times: readonly number[]): void {
  const spread = (times.at(-1) ?? 0) - (times[0] ?? 0);
  if (times.length < 6 || spread < 400) {
    throw new Error(`${times.length} pieces came within ${spread} ms: the stream was held back`);
  }
}

class Skip extends Error {}

/** Ends a case that does not apply. */
export function skip(reason: string): never {
  throw new Skip(reason);
}

const CASE_TIMEOUT_MS = 20_000;

type Case = () => Promise<void>;

async function runCase(run: Case): Promise<Readonly<Record<"st" | "why", string>>> {
  const limit = new AbortController();
  const late = pause(CASE_TIMEOUT_MS, null, { signal: limit.signal }).then(() => {
    throw new Error(`It took more than ${CASE_TIMEOUT_MS / 1_000} s.`);
  });
  late.catch(() => undefined); // aborted, when the case ends in time
  try {
    await Promise.race([run(), late]);
    return { st: "PASS", why: "" };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { st: error instanceof Skip ? "SKIP" : "FAIL", why };
  } finally {
    limit.abort();
  }
}

/** Runs the cases one after the other and writes a line for each. */
export async function runCases(cases: Readonly<Record<string, Case>>): Promise<void> {
  for (const [name, run] of Object.entries(cases)) {
    process.stdout.write(`##${JSON.stringify({ name, ...await runCase(run) })}\n`);
  }
  process.stdout.write("", () => process.exit(0)); // clients may keep connections open
}
