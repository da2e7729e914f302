import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type ConfigResult,
  defaultConfigPath,
  defaultLedgerPath,
  formatIssues,
  loadConfig,
} from "../../src/config/load.ts";
import { BASE, configOf, NOW } from "./sample.ts";

type Variables = Readonly<Record<string, string>>;

function load(configOption: string | null, variables: Variables = {}): Promise<ConfigResult> {
  return loadConfig({ configOption, env: (name) => variables[name], now: NOW, os: "linux" });
}

function problems(result: ConfigResult): string {
  return result.ok ? "" : formatIssues(result.file, result.issues);
}

/** Runs with a folder that holds `config.toml`, and removes it. */
async function withFolder(use: (folder: string, file: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "config.toml");
    await Deno.writeTextFile(file, BASE);
    await use(folder, file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("loadConfig() prefers --config to $PIROUTER_CONFIG to the platform's folder", async () => {
  await withFolder(async (folder, file) => {
    await Deno.mkdir(join(folder, "pirouter"));
    const byDefault = join(folder, "pirouter", "config.toml");
    await Deno.copyFile(file, byDefault);
    const home = { XDG_CONFIG_HOME: folder };
    assert.equal((await load(null, home)).file, byDefault);
    assert.equal((await load(null, { ...home, PIROUTER_CONFIG: file })).file, file);
    assert.equal((await load(file, { ...home, PIROUTER_CONFIG: "nowhere" })).file, file);
    assert.equal((await load(file)).ok, true);
  });
});

/** What is not there -> how it is told. */
const MISSING: readonly (readonly [string | null, Variables, string])[] = [
  [
    "/nowhere/c.toml",
    {},
    "/nowhere/c.toml: there is no such file; check --config, or copy config.example.toml there\n",
  ],
  [
    null,
    { PIROUTER_CONFIG: "/nowhere/p.toml" },
    "/nowhere/p.toml: there is no such file; check $PIROUTER_CONFIG, or copy config.example.toml there\n",
  ],
  [
    null,
    { HOME: "/nowhere" },
    "/nowhere/.config/pirouter/config.toml: there is no such file; " +
    "copy config.example.toml there, or name a file with --config PATH\n",
  ],
  [null, {}, "config.toml: no folder for it is known; name a file with --config PATH\n"],
];

for (const [option, variables, line] of MISSING) {
  Deno.test(`loadConfig() tells what is missing: ${line.split(";")[0]}`, async () => {
    assert.equal(problems(await load(option, variables)), line);
  });
}

Deno.test("loadConfig() tells a folder from a file", async () => {
  await withFolder(async (folder) => {
    assert.match(problems(await load(folder)), /: can't be read \(\w+\); check --config, /);
  });
});

Deno.test("loadConfig() refuses text that is not UTF-8", async () => {
  await withFolder(async (_folder, file) => {
    await Deno.writeFile(file, new Uint8Array([0xff, 0xfe, 0x5b, 0x00]));
    assert.equal(problems(await load(file)), `${file}: is not UTF-8 text; save it as UTF-8\n`);
  });
});

/** Operating system, environment -> the default config and the default ledger. */
const PATHS: readonly (readonly [string, Variables, string | null, string | null])[] = [
  [
    "linux",
    { HOME: "/home/a" },
    "/home/a/.config/pirouter/config.toml",
    "/home/a/.local/share/pirouter/ledger.db",
  ],
  [
    "linux",
    { HOME: "/home/a", XDG_CONFIG_HOME: "/c", XDG_DATA_HOME: "/d" },
    "/c/pirouter/config.toml",
    "/d/pirouter/ledger.db",
  ],
  [
    "linux",
    { HOME: "/home/a", XDG_CONFIG_HOME: "c", XDG_DATA_HOME: "" },
    "/home/a/.config/pirouter/config.toml",
    "/home/a/.local/share/pirouter/ledger.db",
  ],
  [
    "darwin",
    { HOME: "/Users/a" },
    "/Users/a/.config/pirouter/config.toml",
    "/Users/a/Library/Application Support/pirouter/ledger.db",
  ],
  [
    "windows",
    { APPDATA: "C:\\Roaming", LOCALAPPDATA: "C:\\Local" },
    "C:\\Roaming\\pirouter\\config.toml",
    "C:\\Local\\pirouter\\ledger.db",
  ],
  ["linux", {}, null, null],
  ["windows", {}, null, null],
];

for (const [os, variables, config, ledger] of PATHS) {
  Deno.test(`the default paths on ${os} with ${JSON.stringify(variables)}`, () => {
    const env = (name: string) => variables[name];
    assert.equal(defaultConfigPath(env, os), config);
    assert.equal(defaultLedgerPath(env, os), ledger);
  });
}

/** `[ledger] path` -> the file, for the config `config.toml` (in the current folder). */
const LEDGERS: readonly (readonly [string, string | null])[] = [
  ["", null],
  ['path = "ledger.db"', "ledger.db"],
  ['path = "data/../ledger.db"', "ledger.db"],
  ['path = "/var/ledger.db"', "/var/ledger.db"],
  ['path = "~/ledger.db"', "/home/a/ledger.db"],
  ['path = ":memory:"', ":memory:"],
];

for (const [key, path] of LEDGERS) {
  Deno.test(`the ledger of ${key || "no path"} is ${path ?? "the platform's"}`, async () => {
    const config = await configOf(`${BASE}[ledger]\n${key}`, { HOME: "/home/a" });
    assert.equal(config.ledger.path, path);
  });
}

Deno.test("loadConfig() takes a relative ledger path from the config's folder", async () => {
  await withFolder(async (folder, file) => {
    await Deno.writeTextFile(file, BASE + '[ledger]\npath = "ledger.db"');
    const result = await load(file);
    assert.equal(result.ok && result.config.ledger.path, join(folder, "ledger.db"));
  });
});
