/**
 * Builds the executables: `deno task compile [target]`, all targets when none is named.
 * `--verify-bundle` proves instead, without the runtime base, that nothing is read or fetched at run
 * time that is not in the program (see bundle.ts).
 *
 * Exit codes: 0 done, 1 failed, 2 unknown target, 3 the runtime base could not be had.
 */

import { verifyBundle } from "./bundle.ts";
import { ROOT, runDeno, say } from "./process.ts";

/** The targets of a release; the name of the executable says which. */
const TARGETS: readonly string[] = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
];

/** The least that the daemon needs; the address is where clouds give away a machine's credentials. */
const PERMISSIONS: readonly string[] = [
  "--no-prompt",
  "--allow-net",
  "--deny-net=169.254.169.254",
  "--allow-read",
  "--allow-write",
  "--allow-env",
];

const NO_RUNTIME_BASE = 3;

/** Builds one executable; the exit code. */
async function compile(target: string): Promise<number> {
  const suffix = target.includes("windows") ? ".exe" : "";
  const output = `dist/pirouter-${target}${suffix}`;
  say(`compile ${output}`);
  const { success, stderr } = await runDeno({
    args: [
      "compile",
      "--frozen",
      "--unstable-no-legacy-abort",
      "--exclude-unused-npm",
      ...PERMISSIONS,
      "--target",
      target,
      "--output",
      output,
      "main.ts",
    ],
    cwd: ROOT,
  });
  if (success) return 0;
  if (!stderr.includes("Setting up base binary")) {
    say(stderr);
    return 1;
  }
  say(describeMissingBase(target));
  return NO_RUNTIME_BASE;
}

function describeMissingBase(target: string): string {
  const version = Deno.version.deno;
  const url = `https://github.com/denoland/deno/releases/download/v${version}/denort-${target}.zip`;
  return `The runtime base (denort ${version} for ${target}) could not be downloaded.\n` +
    `Unpack ${url} on this machine, set DENORT_BIN to the file "denort" in it, and run\n` +
    `"deno task compile ${target}" again (one target a run: each has its own base).`;
}

async function compileAll(targets: readonly string[]): Promise<number> {
  const codes: number[] = [];
  for (const target of targets) codes.push(await compile(target));
  // A real failure says more than a missing base.
  return codes.includes(1) ? 1 : Math.max(...codes);
}

async function main(args: readonly string[]): Promise<number> {
  const [argument, ...rest] = args.filter((arg) => arg !== "--");
  if (argument === "--verify-bundle") return await verifyBundle() ? 0 : 1;
  if (argument === undefined) return await compileAll(TARGETS);
  if (rest.length === 0 && TARGETS.includes(argument)) return await compile(argument);
  say(`Unknown target "${[argument, ...rest].join(" ")}"; the targets are:`);
  for (const target of TARGETS) say(`  ${target}`);
  return 2;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
