/** Runs the tests of the table of faults and prints it: `deno task test:fault`. */

import { reportFaults } from "../support/fault_report.ts";
import { readJunit } from "../support/junit.ts";

/** Seconds of the chaos run, unless the environment says otherwise. */
const CHAOS_SECS = "60";

/** Lines of the test runner that say nothing once the table is there. */
const NOISE = /^running \d+ tests? from |\.\.\. ok \(/;

async function runTests(junitPath: string): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--quiet",
      "--no-prompt",
      "--no-check",
      "-A",
      `--junit-path=${junitPath}`,
      "tests/fault",
    ],
    env: { PIROUTER_CHAOS_SECS: Deno.env.get("PIROUTER_CHAOS_SECS") ?? CHAOS_SECS },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  for await (const line of readLines(child.stdout)) {
    if (!NOISE.test(line)) await print(`${line}\n`);
  }
  return (await child.status).success;
}

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

async function print(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let start = 0; start < bytes.length;) {
    start += await Deno.stdout.write(bytes.subarray(start));
  }
}

const folder = await Deno.makeTempDir({ prefix: "pirouter-faults-" });
try {
  const path = `${folder}/junit.xml`;
  const hasPassed = await runTests(path);
  const report = reportFaults(readJunit(await Deno.readTextFile(path)));
  await print(`\n${report.text}`);
  Deno.exitCode = hasPassed && report.isGreen ? 0 : 1;
} finally {
  await Deno.remove(folder, { recursive: true });
}
