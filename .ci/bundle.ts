/**
 * Runs the program as one bundled file in an empty folder: with an empty cache, without the registry,
 * without deno.json, and with no network but loopback. What works there needs nothing else.
 */

import { startDaemon } from "./daemon.ts";
import { type DenoOptions, ROOT, runDeno, say } from "./process.ts";

/** The permissions of the executable, with the network cut down to this machine. */
const RUN_FLAGS: readonly string[] = [
  "run",
  "--quiet",
  "--no-config",
  "--no-lock",
  "--no-remote",
  "--no-npm",
  "--cached-only",
  "--unstable-no-legacy-abort",
  "--no-prompt",
  "--allow-net=127.0.0.1",
  "--allow-read",
  "--allow-write",
  "--allow-env",
];

interface Sandbox {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Bundles the program and tries it; whether all went well. */
export async function verifyBundle(): Promise<boolean> {
  const folder = await Deno.makeTempDir({ prefix: "pirouter-bundle-" });
  try {
    const built = await runDeno({
      args: ["bundle", "--quiet", "--platform", "deno", "-o", `${folder}/pirouter.js`, "main.ts"],
      cwd: ROOT,
    });
    if (!built.success) return tell("bundle main.ts", built.stderr);
    await Deno.copyFile(new URL("config.example.toml", ROOT), `${folder}/config.example.toml`);
    const sandbox: Sandbox = { folder, env: emptyEnvironment(folder) };
    return await tryCommands(sandbox) && await tryDaemon(sandbox);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A home and a cache that are empty; SystemRoot is what programs on Windows can't start without. */
function emptyEnvironment(folder: string): Readonly<Record<string, string>> {
  const systemRoot = Deno.env.get("SystemRoot");
  return {
    "HOME": folder,
    "APPDATA": folder,
    "LOCALAPPDATA": folder,
    "USERPROFILE": folder,
    "DENO_DIR": `${folder}/cache`,
    "DENO_NO_UPDATE_CHECK": "1",
    "NO_COLOR": "1",
    // Placeholders: the keys that the example config asks for.
    "OPENAI_API_KEY": "placeholder-of-the-bundle-check",
    "ANTHROPIC_API_KEY": "placeholder-of-the-bundle-check",
    ...(systemRoot === undefined ? {} : { "SystemRoot": systemRoot }),
  };
}

const COMMANDS: readonly (readonly string[])[] = [
  ["--help"],
  ["--version"],
  ["--config", "config.example.toml", "check-config"],
  ["--config", "config.example.toml", "models"],
  ["--config", "config.example.toml", "route", "--prompt", "What is 2 + 2?"],
];

async function tryCommands(sandbox: Sandbox): Promise<boolean> {
  let isFine = true;
  for (const command of COMMANDS) {
    const { success, stderr } = await runDeno(bundled(command, sandbox));
    isFine = tell(`bundle: ${command.join(" ")}`, success ? null : stderr) && isFine;
  }
  return isFine;
}

/** Starts the daemon, asks whether it lives, stops it, and reads its ledger. */
async function tryDaemon(sandbox: Sandbox): Promise<boolean> {
  const run = ["--config", "config.example.toml", "run", "--port", "0"];
  await using daemon = await startDaemon(bundled(run, sandbox));
  const answer = await askHealth(daemon.address);
  const problem = answer === "ok" ? null : `${daemon.log()}\n${answer}`;
  const isAlive = tell("bundle: run, GET /healthz", problem);
  const code = await daemon.stop();
  if (Deno.build.os === "windows") return isAlive;
  const hasStopped = tell("bundle: SIGTERM", code === 0 ? null : `exit code ${code}`);
  const stats = await runDeno(bundled(["--config", "config.example.toml", "stats"], sandbox));
  return tell("bundle: stats", stats.success ? null : stats.stderr) && isAlive && hasStopped;
}

async function askHealth(address: string | null): Promise<string> {
  if (address === null) return "it named no address";
  const response = await fetch(`${address}/healthz`, { signal: AbortSignal.timeout(5_000) });
  return (await response.text()).trim();
}

function bundled(args: readonly string[], { folder, env }: Sandbox): DenoOptions {
  return { args: [...RUN_FLAGS, "pirouter.js", ...args], cwd: folder, env };
}

/** Says how a step went; whether it went well. */
function tell(step: string, problem: string | null): boolean {
  say(problem === null ? `ok      ${step}` : `FAILED  ${step}\n${problem}`);
  return problem === null;
}
