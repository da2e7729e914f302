import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Command } from "commander";
import { parse, stringify } from "smol-toml";
import denoJson from "../deno.json" with { type: "json" };
import { COMMANDS } from "../src/cli/mod.ts";
import { COMPAT_TABLE, SECTIONS, THEN_TABLE } from "../src/config/schema.ts";
import { type JsonObject, objectAt } from "../src/core/json.ts";
import { PROFILE_NAMES } from "../src/core/profile.ts";
import { COMBINATORS, PREDICATES } from "../src/core/predicates.ts";
import { MIGRATIONS } from "../src/ledger/schema.ts";
import { listFiles } from "./architecture/graph.ts";
import { BASE, configOf, problemsOf } from "./config/sample.ts";

const ROOT = new URL("../", import.meta.url);
const README = await readText("README.md");
const EXAMPLE = await readText("config.example.toml");

function readText(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

/** The code blocks of these languages. */
function blocksOf(markdown: string, ...languages: readonly string[]): readonly string[] {
  return [...markdown.matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .filter(([, language = ""]) => languages.includes(language))
    .map(([, , text = ""]) => text);
}

/** What stands between single backticks in the prose. */
function spansOf(markdown: string): readonly string[] {
  const prose = markdown.replaceAll(/^```[^]*?^```$/gm, "");
  return [...prose.matchAll(/`([^`\n]+(?:\n[^`\n]+)?)`/g)].map(([, text = ""]) =>
    text.replace("\n", " ")
  );
}

/** The calls of the program: its arguments, up to the end of the command. */
function callsOf(markdown: string): readonly (readonly string[])[] {
  const code = [
    ...spansOf(markdown),
    ...blocksOf(markdown, "sh", "powershell", "ini").flatMap((text) => text.split("\n")),
    ...blocksOf(markdown, "console").flatMap((text) => text.match(/^\$ .*/gm) ?? []),
  ];
  return code.flatMap((line) => {
    const match = /(?:^(?:\$ )?|deno task |\/)pirouter ([^#|>…]*)/.exec(line);
    return match === null ? [] : [(match[1] ?? "").split(" ").filter((word) => word !== "")];
  });
}

const GLOBAL_OPTIONS = ["--config", "--version", "--help"];

/** What is wrong with a call. */
function checkCall(args: readonly string[]): readonly string[] {
  const words = args[0] === "--config" ? args.slice(2) : args;
  const call = `pirouter ${args.join(" ")}`;
  const command = COMMANDS.find((entry) => entry.name === words[0]);
  const options = words.filter((word) => word.startsWith("--"));
  const known = [...GLOBAL_OPTIONS, ...(command === undefined ? [] : optionsOf(command.name))];
  const isNamed = words.length === 0 || words[0]?.startsWith("--") || command !== undefined;
  return [
    ...(isNamed ? [] : [`${call}: no such command`]),
    ...options.filter((option) => !known.includes(option)).map((name) => `${call}: no ${name}`),
  ];
}

function optionsOf(name: string): readonly string[] {
  const command = new Command(name);
  COMMANDS.find((entry) => entry.name === name)?.configure(command);
  return [...command.options.map((option) => option.long ?? ""), "--help"];
}

/** The fragment on top of the example config: a rule may name the models of that. */
function completeConfig(fragment: string): string {
  const [example, own] = [parseTable(EXAMPLE), parseTable(fragment)];
  return stringify({
    ...example,
    ...own,
    providers: { ...objectAt(example, "providers"), ...objectAt(own, "providers") },
    models: { ...objectAt(example, "models"), ...objectAt(own, "models") },
  });
}

function parseTable(text: string): JsonObject {
  return JSON.parse(JSON.stringify(parse(text))) as JsonObject;
}

const DEFAULTS = `${BASE}[providers.openai]\nbase_url = "http://127.0.0.1:1"\n`;

const KEYS = {
  ANTHROPIC_API_KEY: "a",
  OPENAI_API_KEY: "b",
  GROQ_API_KEY: "c",
};

for (const [index, block] of blocksOf(README, "toml").entries()) {
  Deno.test(`config ${index + 1} of the README has no problem`, async () => {
    assert.deepEqual(await problemsOf(completeConfig(block), KEYS), []);
  });
}

Deno.test("the README's commands and options exist", () => {
  const calls = callsOf(README);
  assert.ok(calls.length > 12, `only ${calls.length} calls were found`);
  assert.deepEqual(calls.flatMap(checkCall), []);
});

Deno.test("the README names every command, predicate and profile", () => {
  const calls = callsOf(README).map(([name]) => name);
  const spans = new Set(spansOf(README));
  const isMissing = (name: string) => !spans.has(name);
  // `demo` is called by its task.
  const commands = COMMANDS.map(({ name }) => name).filter((name) =>
    name !== "demo" && !calls.includes(name)
  );
  assert.deepEqual(commands, []);
  assert.deepEqual([...PREDICATES.keys(), ...COMBINATORS].filter(isMissing), []);
  assert.deepEqual(PROFILE_NAMES.filter(isMissing), []);
});

Deno.test("the README's config keys exist", () => {
  const tables = { ...SECTIONS, compat: COMPAT_TABLE, then: THEN_TABLE };
  const named = spansOf(README).flatMap((span) => {
    const match = /^([a-z]+)\.([a-z_]+)(?: = .*)?$/.exec(span);
    const entries = Object.entries(tables).find(([name]) => name === match?.[1])?.[1].entries;
    return entries === undefined ? [] : [{ span, isKnown: (match?.[2] ?? "") in entries }];
  });
  assert.ok(named.length > 10, `only ${named.length} keys were found`);
  assert.deepEqual(named.filter(({ isKnown }) => !isKnown), []);
});

Deno.test("the README's defaults are the defaults", async () => {
  const { cascade, providers, routing, server } = await configOf(DEFAULTS);
  const seconds = (ms: number | undefined) => (ms ?? NaN) / 1_000;
  const [openai, ollama] = [providers.get("openai"), providers.get("ollama")];
  const defaults: readonly (readonly [string, string])[] = [
    [
      "first_token_timeout_secs",
      `${seconds(openai?.firstTokenTimeoutMs)}, Ollama ${seconds(ollama?.firstTokenTimeoutMs)}`,
    ],
    ["connect_timeout_secs", `${seconds(openai?.connectTimeoutMs)}`],
    ["cascade.max_wait_secs", `${seconds(cascade.maxWaitMs)}`],
    ["idle_timeout_secs", `${seconds(openai?.idleTimeoutMs)}`],
    ["request_timeout_secs", `${seconds(openai?.requestTimeoutMs)}`],
    ["routing.max_policy_fallbacks", `${routing.maxPolicyFallbacks}`],
    ["server.keep_alive_secs", `${seconds(server.keepAliveMs)}`],
    ["server.max_body_mb", `${server.maxBodyBytes / 1_048_576}`],
  ];
  const text = README.replaceAll(/\s+/g, " ");
  assert.deepEqual(defaults.filter(([key, value]) => !text.includes(`\`${key}\` (${value})`)), []);
});

Deno.test("the README's tasks exist, and it names the pinned Deno", async () => {
  const tasks = [...README.matchAll(/(?:deno|deno@[\d.]+) task ([a-z]+)/g)].map(([, name]) => name);
  assert.ok(tasks.length > 5);
  assert.deepEqual(tasks.filter((name) => !Object.hasOwn(denoJson.tasks, name ?? "")), []);
  const [, pinned] = /^DENO_VERSION=(.*)$/m.exec(await readText(".ci/run")) ?? [];
  const versions = [...README.matchAll(/deno@([\d.]+)/g)].map(([, version]) => version);
  assert.deepEqual([...new Set(versions)], [pinned]);
});

Deno.test("the README's headers are those of the program", async () => {
  const texts = await Promise.all((await listFiles("src")).map(readText));
  const real = new Set(texts.flatMap((text) => text.match(/x-pirouter-[a-z-]+/g) ?? []));
  const named = new Set(README.match(/x-pirouter-[a-z-]+/g));
  assert.deepEqual([...named].sort(), [...real].sort());
});

Deno.test("the README's queries fit the ledger", () => {
  const db = new DatabaseSync(":memory:");
  for (const migration of MIGRATIONS) db.exec(migration);
  const queries = [...README.matchAll(/^\$ sqlite3 .*?"([^"]+)"$/gm)].map(([, sql = ""]) => sql);
  assert.ok(queries.length > 0);
  for (const sql of queries) db.prepare(sql).all();
  db.close();
});

Deno.test("the README's JSON is JSON", () => {
  const blocks = blocksOf(README, "json");
  assert.ok(blocks.length > 0);
  for (const block of blocks) JSON.parse(block);
});

Deno.test("the README's links lead somewhere", async () => {
  const anchors = [...README.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    "#" + title.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-")
  );
  const links = [...README.matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => target);
  const inside = links.filter((target) => target.startsWith("#"));
  assert.deepEqual(inside.filter((target) => !anchors.includes(target)), []);
  for (const path of links.filter((target) => !/^(#|https:)/.test(target))) {
    assert.ok((await Deno.stat(new URL(path, ROOT))).isFile, path);
  }
});

const CALLS: readonly (readonly [string, readonly string[]])[] = [
  ["Use `pirouter stats --by day`.", []],
  ["```console\n$ pirouter --config x.toml route --image | less --raw\n```", []],
  ["`deno task pirouter --version`", []],
  ["`pirouter`", []],
  ["`pirouter statz`", ["pirouter statz: no such command"]],
  ["```sh\npirouter stats --bye day # --by\n```", ["pirouter stats --bye day: no --bye"]],
  ["```ini\nExecStart=%h/bin/pirouter serve\n```", ["pirouter serve: no such command"]],
];

for (const [markdown, expected] of CALLS) {
  Deno.test(`checkCall() finds ${expected.length} in ${JSON.stringify(markdown)}`, () => {
    assert.deepEqual(callsOf(markdown).flatMap(checkCall), expected);
  });
}
