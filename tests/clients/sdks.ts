/** THE TABLE of client SDKs: their drivers run under Node and write a line for each case. */

import type { Bench } from "./bench.ts";
import { EMBEDDINGS_ALIAS } from "./bench_config.ts";
import { runProgram } from "./program.ts";
import { adaptConfig, findSpan } from "./readme.ts";
import { CLIENT_KEY } from "./strict.ts";
import type { Outcome, Result } from "./table.ts";
import { baseEnvironment } from "./workshop.ts";

/** A client library. */
export interface Sdk {
  readonly name: string;
  /** How `--only` calls it. */
  readonly id: string;
  readonly needs: readonly string[];
  /** Its name in the README. */
  readonly readme: string;
  /** How its code begins there. */
  readonly start: string;
  /** This repository's driver, for the client as the README makes it. */
  readonly own: string;
  /** The driver that comes with the strict upstreams. */
  readonly independent: string;
}

/** All SDKs. */
export const SDKS: readonly Sdk[] = [
  {
    name: "OpenAI SDK 7.57",
    id: "openai",
    needs: ["openai", "zod"],
    readme: "OpenAI SDK",
    start: "new OpenAI(",
    own: "openai.mjs",
    independent: "openai-sdk.mjs",
  },
  {
    name: "LangChain 1.6",
    id: "langchain",
    needs: ["@langchain/openai", "@langchain/core", "zod"],
    readme: "LangChain",
    start: "new ChatOpenAI(",
    own: "langchain.mjs",
    independent: "langchain.mjs",
  },
  {
    name: "AI SDK 7.0",
    id: "ai-sdk",
    needs: ["ai", "@ai-sdk/openai-compatible", "zod"],
    readme: "Vercel AI SDK",
    start: "createOpenAICompatible(",
    own: "ai_sdk.mjs",
    independent: "ai-sdk.mjs",
  },
];

const DRIVER_TIMEOUT_MS = 100_000;

/** Runs both drivers of an SDK. */
export async function runSdk(sdk: Sdk, bench: Bench): Promise<readonly Result[]> {
  const { folder } = bench.workshop;
  const own = await runDriver(sdk, bench, {
    script: `${folder}/own/${sdk.own}`,
    mark: "",
  });
  const script = `${folder}/drivers/${sdk.independent}`;
  return [...own, ...await runDriver(sdk, bench, { script, mark: "independent: " })];
}

interface Driver {
  readonly script: string;
  /** Before the names of its cases. */
  readonly mark: string;
}

async function runDriver(sdk: Sdk, bench: Bench, driver: Driver): Promise<readonly Result[]> {
  const { address, dialect, folder, upstream, workshop } = bench;
  const code = findSpan(workshop.configs, sdk.readme, sdk.start);
  const ended = await runProgram({
    command: workshop.node,
    args: [driver.script],
    cwd: workshop.folder,
    env: {
      ...baseEnvironment(`${folder}/home`),
      "BASE_URL": `${address}/v1`,
      "MOCK_URL": upstream,
      "DIALECT": dialect,
      "CLIENT_CODE": adaptConfig(code, { address, key: CLIENT_KEY }),
      "EMBEDDINGS_ALIAS": EMBEDDINGS_ALIAS,
      "WIRE": dialect,
      "MODEL_FMT": `${dialect}-{s}`,
      "API_KEY": CLIENT_KEY,
    },
    timeoutMs: DRIVER_TIMEOUT_MS,
    signal: workshop.signal,
  });
  const lines = ended.stdout.split("\n").filter((line) => line.startsWith("##"));
  const results = lines.map((line) => readLine(line, { sdk, bench, driver }));
  if (!ended.isKilled && results.length > 0) return results;
  const reason = `the driver ${ended.isKilled ? "took too long" : "failed"}: ${ended.stderr}`;
  const row = { client: sdk.name, name: `${driver.mark}all cases`, dialect };
  return [...results, { ...row, outcome: "FAILED", reason }];
}

interface LineContext {
  readonly sdk: Sdk;
  readonly bench: Bench;
  readonly driver: Driver;
}

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  PASS: "ok",
  FAIL: "FAILED",
  SKIP: "skipped",
};

function readLine(line: string, { sdk, bench, driver }: LineContext): Result {
  const { name, st, why } = JSON.parse(line.slice(2));
  return {
    client: sdk.name,
    name: `${driver.mark}${name}`,
    dialect: bench.dialect,
    outcome: OUTCOMES[st] ?? "FAILED",
    reason: why,
  };
}
