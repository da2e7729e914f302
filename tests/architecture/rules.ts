/** The rules that the program's shape follows; each gives its violations as sentences. */

import type { Graph, Import, Module } from "./graph.ts";

/** THE TABLE of layers, by folder or file; a module imports from lower layers or its own folder. */
const LAYERS: ReadonlyMap<string, number> = new Map([
  ["src/core", 0],
  ["src/redact.ts", 0],
  ["src/log.ts", 0],
  ["src/wire", 1],
  ["src/config", 2],
  ["src/ledger", 2],
  ["src/providers", 2],
  ["src/training", 2],
  ["src/engine", 3],
  ["src/server", 4],
  ["src/cli", 5],
  ["src/demo", 5],
  ["main.ts", 6],
]);

/** The imports within one layer that are allowed besides those of the own folder. */
const ALLOWED_PEERS: ReadonlySet<string> = new Set([
  "src/core -> src/redact.ts",
  "src/log.ts -> src/redact.ts",
  "src/cli -> src/demo",
]);

/** The simulated providers stand for other people's programs, so they share nothing with ours. */
const DEMO_MAY_IMPORT: ReadonlySet<string> = new Set(["src/core/json.ts"]);

/** The training is no part of the program: it only measures and makes what the core ships. */
const TRAINING_MAY_IMPORT: ReadonlySet<string> = new Set(["src/core", "src/wire"]);

/** Where programs begin: the one that ships, and the tasks of training. */
const ENTRIES: readonly string[] = ["main.ts", "src/training/train.ts", "src/training/eval.ts"];

/** What touches the world outside, and the clock. `Date.UTC` and `Date.parse` only calculate. */
const IO =
  /\bDeno\.|\bfetch\(|\bDate\b(?!\.(?:UTC|parse)\b)|\bMath\.random\b|\bset(?:Timeout|Interval)\b|\bconsole\b|\basync\b/g;

const PURE_FOLDERS: readonly string[] = ["src/core", "src/wire", "src/providers"];

/** The only files of `src/providers` that act. */
const ACTING_PROVIDER_FILES: ReadonlySet<string> = new Set([
  "src/providers/reach.ts",
  "src/providers/transport.ts",
  "src/providers/watchdog.ts",
]);

const TYPE_ONLY_PACKAGES = /^npm:\/?(openai|@anthropic-ai\/sdk|ollama)(?:@|\/|$)/;
const MAX_LINES = 300;
const FILE_NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*\.ts$/;
const VAGUE_NAMES: ReadonlySet<string> = new Set([
  "utils.ts",
  "helpers.ts",
  "types.ts",
  "common.ts",
  "index.ts",
]);
const TOP_LEVEL =
  /^(?:deno\.json|deno\.lock|main\.ts|src|tests|config\.example\.toml|README\.md|LICENSE|\..+)$/;

/** The folder (or file) that a module's layer is given for. */
function unitOf(path: string): string {
  return path.startsWith("src/") ? path.split("/", 2).join("/") : path;
}

/** Imports that lead upward, to a neighbour of the same layer, or from a module without a layer. */
export function findLayerViolations(graph: Graph): readonly string[] {
  return [...graph.values()].flatMap((module) =>
    module.imports.filter((target) => graph.has(target.target))
      .flatMap((target) => checkImport(module, target))
  );
}

function checkImport(module: Module, { target }: Import): readonly string[] {
  const [from, to] = [unitOf(module.path), unitOf(target)];
  const [fromLayer, toLayer] = [LAYERS.get(from), LAYERS.get(to)];
  const edge = `${module.path} -> ${target}`;
  if (fromLayer === undefined) return [`${module.path} is in no layer`];
  if (toLayer === undefined) return [`${target} is in no layer`];
  if (from === to) return [];
  if (from === "src/demo" && !DEMO_MAY_IMPORT.has(target)) {
    return [`${edge}: the demo imports ours`];
  }
  if (to === "src/demo" && from !== "src/cli") return [`${edge}: only cli may import the demo`];
  if (toLayer > fromLayer) return [`${edge}: an upward import`];
  if (to === "src/training") return [`${edge}: nothing may import the training`];
  if (from === "src/training" && !TRAINING_MAY_IMPORT.has(to)) {
    return [`${edge}: the training imports core and wire only`];
  }
  const isPeer = toLayer === fromLayer;
  return isPeer && !ALLOWED_PEERS.has(`${from} -> ${to}`) ? [`${edge}: a neighbour's module`] : [];
}

/** Circles of imports, those of types included. */
export function findCycles(graph: Graph): readonly string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].join(" -> "));
    if (start >= 0 || done.has(path)) return;
    for (const { target } of graph.get(path)?.imports ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
}

/** Names of I/O in modules that must be pure. */
export function findImpurities(graph: Graph): readonly string[] {
  return [...graph.values()].filter((module) => isPure(module.path)).flatMap((module) =>
    [...codeOf(module.text).matchAll(IO)].map((match) => `${module.path} names ${match[0]}`)
  );
}

function isPure(path: string): boolean {
  return PURE_FOLDERS.includes(unitOf(path)) && !ACTING_PROVIDER_FILES.has(path);
}

/** The text without comments and without what stands in quotes. */
function codeOf(text: string): string {
  return text.replace(
    /\/\*[^]*?\*\/|\/\/.*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\.)*`/g,
    "''",
  );
}

/** Vendors' packages that are more than types. */
export function findSdkImports(graph: Graph): readonly string[] {
  return [...graph.values()].flatMap((module) =>
    module.imports.filter((target) => !target.isTypeOnly && TYPE_ONLY_PACKAGES.test(target.target))
      .map((target) => `${module.path} imports ${target.target} at run time`)
  );
}

/** Files that have grown too long to be about one thing. */
export function findLongFiles(graph: Graph): readonly string[] {
  return [...graph.values()].map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ path, lines }) => `${path} has ${lines} lines, more than ${MAX_LINES}`);
}

/** Names that are not snake_case, or that name nothing. */
export function findBadNames(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => {
    const name = path.split("/").at(-1) ?? "";
    return !FILE_NAME.test(name) || VAGUE_NAMES.has(name);
  }).map((path) => `${path} is not named by a noun in snake_case`);
}

/** Entries at the root that are not agreed. */
export function findStrayEntries(names: readonly string[]): readonly string[] {
  return names.filter((name) => !TOP_LEVEL.test(name)).map((name) => `${name} is a stray entry`);
}

/** Files that nothing leads to from `main.ts` or from a task of training. */
export function findDeadFiles(graph: Graph): readonly string[] {
  if (!graph.has("main.ts")) return ["main.ts is missing"];
  const reached = new Set<string>();
  const waiting = ENTRIES.filter((entry) => graph.has(entry));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    waiting.push(...(graph.get(path)?.imports ?? []).map(({ target }) => target));
  }
  return [...graph.keys()].filter((path) => !reached.has(path))
    .map((path) => `${path} is not reached from main.ts`);
}
