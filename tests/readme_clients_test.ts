import assert from "node:assert/strict";
import { adaptConfig, findBlock, findSpan, readClientConfigs } from "./clients/readme.ts";
import { SDKS } from "./clients/sdks.ts";
import { TRIED_CLIENTS } from "./clients/suite.ts";
import { isJsonObject, type JsonObject, objectAt } from "../src/core/json.ts";

const ROOT = new URL("../", import.meta.url);
const CONFIGS = readClientConfigs(await Deno.readTextFile(new URL("README.md", ROOT)));
const STAND = { address: "http://127.0.0.1:1", key: "k-1" };

/** What each client's text begins with, in its row or before its block. */
const TEXTS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(SDKS.map(({ readme, start }) => [readme, start])),
  "Aider": "OPENAI_API_BASE=",
  "Cline": "cline auth ",
};

for (const [client, start] of Object.entries(TEXTS)) {
  Deno.test(`the README's text for ${client} names the base URL and a key`, () => {
    const text = adaptConfig(findSpan(CONFIGS, client, start), STAND);
    assert.ok(text.includes("http://127.0.0.1:1/v1") && text.includes("k-1"), text);
    assert.ok(!text.includes("11435"), text);
  });
}

for (const { readme, start } of SDKS) {
  Deno.test(`the README's code for ${readme} can be compiled`, () => {
    // Checks the syntax alone: the function is never called, so nothing of the README is run.
    new Function(`return (${findSpan(CONFIGS, readme, start)});`);
  });
}

Deno.test("every client that the README configures is run by the suite, and no other", () => {
  const tables = [...CONFIGS.spans].filter(([, spans]) => spans.length > 0).map(([name]) => name);
  const configured = [...new Set([...tables, ...CONFIGS.blocks.keys()])];
  assert.deepEqual(configured.sort(), [...TRIED_CLIENTS].sort());
});

Deno.test("the README's base URL is where the daemon listens", async () => {
  const example = await Deno.readTextFile(new URL("config.example.toml", ROOT));
  const [, bind] = /^bind = "([^"]+)"/m.exec(example) ?? [];
  assert.equal(CONFIGS.baseUrl, `http://${bind}/v1`);
});

function readBlock(client: string): JsonObject {
  const parsed: unknown = JSON.parse(adaptConfig(findBlock(CONFIGS, client).text, STAND));
  assert.ok(isJsonObject(parsed));
  return parsed;
}

Deno.test("the README's block for Pi has a model auto that reasons and sees", () => {
  const provider = objectAt(objectAt(readBlock("Pi"), "providers"), "pirouter");
  const { models, ...rest } = provider ?? {};
  assert.deepEqual(rest, {
    "baseUrl": "http://127.0.0.1:1/v1",
    "api": "openai-completions",
    "apiKey": "k-1",
  });
  const [model] = Array.isArray(models) ? models : [];
  assert.ok(isJsonObject(model));
  assert.deepEqual([model["id"], model["reasoning"], model["input"]], [
    "auto",
    true,
    ["text", "image"],
  ]);
  assert.deepEqual(findBlock(CONFIGS, "Pi").spans, [
    "~/.pi/agent/models.json",
    "pi --provider pirouter --model auto",
  ]);
});

Deno.test("the README's block for opencode has a model auto", () => {
  const block = readBlock("opencode");
  assert.equal(block["model"], "pirouter/auto");
  const provider = objectAt(objectAt(block, "provider"), "pirouter");
  assert.deepEqual(objectAt(provider, "options"), {
    "baseURL": "http://127.0.0.1:1/v1",
    "apiKey": "k-1",
  });
  assert.ok(objectAt(objectAt(provider, "models"), "auto") !== undefined);
  assert.equal(findBlock(CONFIGS, "opencode").spans[0], "opencode.json");
});

Deno.test("the README's block for Continue has a model auto without autocomplete", () => {
  const { text, spans } = findBlock(CONFIGS, "Continue");
  assert.equal(spans[0], "~/.continue/config.yaml");
  const lines = adaptConfig(text, STAND).split("\n").map((line) => line.trim());
  for (
    const line of ["model: auto", "apiBase: http://127.0.0.1:1/v1", "apiKey: k-1", "schema: v1"]
  ) assert.ok(lines.includes(line), line);
  assert.ok(!text.includes("autocomplete"));
});

Deno.test("the README's text for Open WebUI names its variables", () => {
  findSpan(CONFIGS, "Open WebUI", "OPENAI_API_BASE_URLS");
  findSpan(CONFIGS, "Open WebUI", "OPENAI_API_KEYS");
});

const BROKEN: readonly (readonly [string, RegExp])[] = [
  ['new OpenAI({ baseURL: "http://127.0.0.1:11434/v1", apiKey: "local" })', /does not name/],
  ['new OpenAI({ baseURL: "http://127.0.0.1:11435", apiKey: "local" })', /does not name/],
  ['new OpenAI({ baseURL: "http://127.0.0.1:11435/v1" })', /has no key/],
];

for (const [text, problem] of BROKEN) {
  Deno.test(`adaptConfig() refuses ${text}`, () => {
    assert.throws(() => adaptConfig(text, STAND), problem);
  });
}

Deno.test("readClientConfigs() finds nothing outside its section", () => {
  const { baseUrl, spans, blocks } = readClientConfigs("## Other\n\n| a | `b` |\n\n## Next\n");
  assert.deepEqual([baseUrl, spans.size, blocks.size], ["", 0, 0]);
});
