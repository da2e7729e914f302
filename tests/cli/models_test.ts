import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { MODELS_COMMAND } from "../../src/cli/models.ts";
import { type CliRun, runWith } from "../support/cli_run.ts";
import { timedTest } from "../support/deadline.ts";
import { Upstream } from "../support/upstream.ts";

const SEED = fileURLToPath(new URL("../fixtures/config/seed.toml", import.meta.url));

function run(file: string, options: Readonly<Record<string, boolean>> = {}): Promise<CliRun> {
  const env = (name: string) => name === "OPENAI_API_KEY" ? "o-key" : undefined;
  return runWith((context) => MODELS_COMMAND.run(options, context), { configOption: file, env });
}

Deno.test("models prints one aligned row a model", async () => {
  const { code, out, err } = await run(SEED);
  assert.equal(code, 0);
  assert.match(err, /^\S+: warning: providers\.anthropic can't be used: .*\n$/);
  const rows = out.trimEnd().split("\n").map((line) => line.split(/ {2,}/));
  assert.deepEqual(rows[0], [
    "alias",
    "provider",
    "model id",
    "tier",
    "in $/M",
    "out $/M",
    "price",
    "window",
    "max out",
    "tools",
    "vision",
    "local",
    "state",
  ]);
  assert.deepEqual(
    rows.slice(1).map((row) => [row[0], ...row.slice(4, 9), row.at(-1)]),
    [
      ["haiku", "0.80", "4.00", "config", "200000", "64000", missing("ANTHROPIC_API_KEY")],
      ["sonnet", "3.00", "15.00", "config", "200000", "128000", missing("ANTHROPIC_API_KEY")],
      ["opus", "15.00", "75.00", "config", "200000", "128000", missing("ANTHROPIC_API_KEY")],
      ["gpt-4o-mini", "0.15", "0.60", "config", "128000", "16384", "ready"],
      ["gpt-4o", "2.50", "10.00", "config", "128000", "16384", "ready"],
      ["llama3.2-local", "0.00", "0.00", "local", "8192", "?", "ready"],
      ["qwen2.5-coder-local", "0.00", "0.00", "local", "32768", "?", "ready"],
    ],
  );
});

function missing(variable: string): string {
  return `unusable: environment variable ${variable} is not set`;
}

Deno.test("models --json keeps unknown apart from zero", async () => {
  const file = await Deno.makeTempFile({ suffix: ".toml" });
  try {
    await Deno.writeTextFile(
      file,
      '[providers.ollama]\n[models.a]\nprovider = "ollama"\nmodel_id = "x"\nenabled = false',
    );
    const { code, out } = await run(file, { json: true });
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(out), {
      models: [{
        alias: "a",
        provider: "ollama",
        "model_id": "x",
        quality: "standard",
        "input_per_m": null,
        "output_per_m": null,
        "cache_read_per_m": null,
        "cache_write_per_m": null,
        "price_source": null,
        "context_window": null,
        "max_output_tokens": null,
        "supports_tools": false,
        "supports_vision": false,
        local: false,
        enabled: false,
        discovered: false,
        unusable: null,
      }],
    });
    assert.match((await run(file)).out, / \? .* disabled\n$/);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("models prints the problems of a broken config and exits with 2", async () => {
  const { code, out, err } = await run("/nowhere/config.toml");
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /^\/nowhere\/config\.toml: there is no such file; /);
});

timedTest("models shows what Ollama has, and says where it can't be asked", async () => {
  await using upstream = new Upstream("ollama");
  await upstream.ready;
  upstream.shownModels.set("qwen3:8b", {
    "capabilities": ["completion", "tools"],
    "model_info": { "general.architecture": "qwen3", "qwen3.context_length": 40_960 },
  });
  const gone = new Upstream("ollama");
  await gone.ready;
  await gone[Symbol.asyncDispose]();
  const file = await Deno.makeTempFile({ suffix: ".toml" });
  try {
    await Deno.writeTextFile(
      file,
      `[providers.ollama]\nbase_url = "${upstream.baseUrl}"\ndiscover = true\n` +
        `[providers.attic]\nkind = "ollama"\nbase_url = "${gone.baseUrl}"\n` +
        '[models.a]\nprovider = "attic"\nmodel_id = "x"\n' +
        '[models.b]\nprovider = "ollama"\nmodel_id = "y"\n',
    );
    const { code, out, err } = await run(file);
    assert.equal(code, 0);
    assert.match(out, /^qwen3:8b +ollama .* 40960 .* discovered$/m);
    assert.match(out, /^a +attic .* ready$/m);
    assert.deepEqual(err.trimEnd().split("\n"), [
      'provider "attic" gives no list of its models (does it run, is base_url right?), so they have unknown context windows',
      'provider "ollama" has no model "y" (alias "b"); get it with: ollama pull y',
    ]);
    const listed: readonly Readonly<Record<string, unknown>>[] =
      JSON.parse((await run(file, { json: true })).out).models;
    assert.deepEqual(listed.map(({ alias, discovered }) => [alias, discovered]), [
      ["a", false],
      ["b", false],
      ["qwen3:8b", true],
    ]);
  } finally {
    await Deno.remove(file);
  }
});
