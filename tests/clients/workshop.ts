/** The folder that the clients run in: the strict upstreams, the drivers, the clients of npm. */

import { ROOT } from "../../.ci/process.ts";
import { runProgram } from "./program.ts";
import type { ClientConfigs } from "./readme.ts";

/** Where everything is that a run needs. */
export interface Workshop {
  readonly folder: string;
  /** A Node of at least version 22, which the clients need. */
  readonly node: string;
  readonly configs: ClientConfigs;
  /** By package: why it can't be run. */
  readonly missing: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
}

/** How to install. */
export interface InstallOptions {
  readonly folder: string;
  /** A folder that keeps what is installed for the next run; the workshop itself when absent. */
  readonly keptIn: string | undefined;
  readonly signal: AbortSignal;
}

const INSTALL_TIMEOUT_MS = 150_000;
const MIN_NODE = 22;
/** One by one it would not go better. */
const NO_REGISTRY = /ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|took more than|no npm/;

/** Where nobody listens: clients that want more than the daemon get nothing, at once. */
const NOWHERE = "http://127.0.0.1:9";

/** The environment of every program: nothing of the user's, and nobody is called home. */
export function baseEnvironment(home: string): Readonly<Record<string, string>> {
  return {
    "PATH": Deno.env.get("PATH") ?? "",
    "HOME": home,
    "XDG_CONFIG_HOME": `${home}/.config`,
    "XDG_DATA_HOME": `${home}/.local/share`,
    "XDG_CACHE_HOME": `${home}/.cache`,
    "XDG_STATE_HOME": `${home}/.local/state`,
    "LANG": "C.UTF-8",
    "CI": "1",
    "NO_COLOR": "1",
    "DO_NOT_TRACK": "1",
    "NO_UPDATE_NOTIFIER": "1",
    "HTTPS_PROXY": NOWHERE,
    "NO_PROXY": "127.0.0.1",
    "npm_config_registry": NOWHERE,
    "npm_config_fetch_retries": "0",
  };
}

/** Copies the strict upstreams and this repository's drivers into the folder. */
export async function fillWorkshop(folder: string, upstreams: string): Promise<void> {
  await copyFolder(upstreams, folder);
  await Deno.mkdir(`${folder}/own`);
  await copyFolder(new URL("tests/clients/drivers", ROOT).pathname, `${folder}/own`);
}

/** Copies files, not their permissions: the folder may be one that nobody may write to. */
async function copyFolder(from: string, to: string): Promise<void> {
  for await (const entry of Deno.readDir(from)) {
    const [source, target] = [`${from}/${entry.name}`, `${to}/${entry.name}`];
    if (entry.isDirectory && entry.name !== "node_modules" && entry.name !== "out") {
      await Deno.mkdir(target);
      await copyFolder(source, target);
    } else if (entry.isFile) {
      await Deno.writeFile(target, await Deno.readFile(source));
    }
  }
}

/** Installs all clients at once, or one by one when that fails; why each missing one is missing. */
export async function installClients(
  options: InstallOptions,
): Promise<ReadonlyMap<string, string>> {
  const { folder, keptIn } = options;
  const target = keptIn ?? folder;
  await Deno.mkdir(target, { recursive: true });
  if (keptIn !== undefined) {
    await Deno.symlink(`${keptIn}/node_modules`, `${folder}/node_modules`);
  }
  // In a folder of its own: the imports of files beside it Deno would look up in it.
  const manifest = await Deno.readTextFile(new URL("tests/clients/npm/package.json", ROOT));
  await Deno.writeTextFile(`${target}/package.json`, manifest);
  await removeIfThere(`${folder}/package-lock.json`); // that of the upstreams' own drivers
  const problem = await runNpm(["install"], target, options);
  if (problem === "") return new Map();
  const { dependencies, ...rest } = JSON.parse(manifest);
  if (NO_REGISTRY.test(problem)) {
    return new Map(Object.keys(dependencies).map((name) => [name, problem]));
  }
  await Deno.writeTextFile(`${target}/package.json`, JSON.stringify(rest));
  const missing = new Map<string, string>();
  for (const [name, version] of Object.entries(dependencies)) {
    const reason = await runNpm(["install", `${name}@${version}`], target, options);
    if (reason !== "") missing.set(name, reason);
  }
  return missing;
}

/** What went wrong; empty when nothing did. */
async function runNpm(
  args: readonly string[],
  cwd: string,
  { signal }: InstallOptions,
): Promise<string> {
  if (await majorOf("npm") === 0) return "there is no npm";
  const ended = await runProgram({
    command: "npm",
    args: [...args, "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1"],
    cwd,
    env: { ...Deno.env.toObject(), "NO_UPDATE_NOTIFIER": "1" },
    timeoutMs: INSTALL_TIMEOUT_MS,
    signal,
  });
  if (ended.isKilled) {
    return `npm install took more than ${INSTALL_TIMEOUT_MS / 1_000} s`;
  }
  if (ended.code === 0) return "";
  const lines = ended.stderr.split("\n").filter((line) => line.startsWith("npm error"));
  return `npm install failed: ${lines.slice(0, 4).join(" ")}`;
}

/** A Node that the clients can use: the installed one, else that of the machine; null: none. */
export async function findNode(folder: string): Promise<string | null> {
  for (const command of [`${folder}/node_modules/node/bin/node`, "node"]) {
    if (await majorOf(command) >= MIN_NODE) return command;
  }
  return null;
}

/** The major version that a program says it has; 0 when there is no such program. */
async function majorOf(command: string): Promise<number> {
  try {
    const { stdout } = await new Deno.Command(command, { args: ["--version"] })
      .output();
    return Number(/^v?(\d+)/.exec(new TextDecoder().decode(stdout))?.[1] ?? 0);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
