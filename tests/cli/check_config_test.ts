import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { CHECK_CONFIG_COMMAND } from "../../src/cli/check_config.ts";
import { type CliRun, runWith } from "../support/cli_run.ts";

const SEED = fileURLToPath(new URL("../fixtures/config/seed.toml", import.meta.url));
const KEYS = { ANTHROPIC_API_KEY: "a-key", OPENAI_API_KEY: "o-key" };
const BROKEN = "[providers.x]\napi_key = 'hunter2'\n[models.a]\nprovider = 'y'\n";

function run(
  file: string,
  options: Readonly<Record<string, boolean>> = {},
  variables: Readonly<Record<string, string>> = KEYS,
): Promise<CliRun> {
  const setting = { configOption: file, env: (name: string) => variables[name] };
  return runWith((context) => CHECK_CONFIG_COMMAND.run(options, context), setting);
}

async function withFile(text: string, use: (file: string) => Promise<void>): Promise<void> {
  const file = await Deno.makeTempFile({ suffix: ".toml" });
  try {
    await Deno.writeTextFile(file, text);
    await use(file);
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("check-config counts what a good config holds", async () => {
  const expected = `OK: 3 providers, 7 models, 1 rule (${SEED})\n`;
  assert.deepEqual(await run(SEED), { code: 0, out: expected, err: "" });
});

Deno.test("check-config warns of missing keys, one line a provider", async () => {
  const { code, out, err } = await run(SEED, {}, {});
  assert.equal(code, 0);
  assert.equal(out, `OK: 3 providers, 7 models, 1 rule, 2 warnings (${SEED})\n`);
  assert.equal(
    err.match(/: warning: providers\.\w+ can't be used: environment variable/g)?.length,
    2,
  );
});

Deno.test("check-config --strict counts missing keys as errors", async () => {
  const { code, out, err } = await run(SEED, { strict: true }, {});
  assert.equal(code, 2);
  assert.equal(out, "");
  assert.doesNotMatch(err, /warning/);
  assert.match(err, /\nFailed: 2 errors \(/);
  assert.equal((await run(SEED, { strict: true })).code, 0);
});

Deno.test("check-config says when no model is left to start with", async () => {
  await withFile(
    "[providers.openai]\n[models.a]\nprovider = 'openai'\nmodel_id = 'gpt-5.5'",
    async (file) => {
      const { code, err } = await run(file, {}, {});
      assert.equal(code, 0);
      assert.match(
        err,
        /warning: models has no model that can be used \(environment variable OPENAI/,
      );
      assert.equal((await run(file, { strict: true }, {})).code, 2);
    },
  );
});

Deno.test("check-config prints every problem on stderr and exits with 2", async () => {
  await withFile(BROKEN, async (file) => {
    const { code, out, err } = await run(file);
    assert.equal(code, 2);
    assert.equal(out, "");
    assert.deepEqual(err.replaceAll(file, "F").split("\n"), [
      'F: providers.x.kind is missing; set it to "openai", "anthropic" or "ollama" ' +
      '(most servers speak "openai")',
      "F: providers.x.base_url is missing; " +
      'set base_url to the server\'s address, such as "https://api.openai.com"',
      'F: models.a.provider names "y", which is not in [providers]; ' +
      "add a section [providers.y] with kind and base_url",
      'F: models.a.model_id is missing; add model_id = "<the provider\'s name for it>"',
      "F: warning: providers.x.api_key keeps a secret in the file; " +
      "an environment variable, named in api_key_env, is safer",
      "Failed: 4 errors, 1 warning (F)",
      "",
    ]);
  });
});

Deno.test("check-config --json tells the same as data", async () => {
  const good = await run(SEED, { json: true });
  assert.deepEqual(JSON.parse(good.out), {
    ok: true,
    file: SEED,
    providers: 3,
    models: 7,
    rules: 1,
    problems: [],
  });
  await withFile(BROKEN, async (file) => {
    const { code, out, err } = await run(file, { json: true });
    assert.deepEqual([code, err], [2, ""]);
    const report = JSON.parse(out);
    assert.equal(report.ok, false);
    assert.deepEqual(report.problems[0], {
      severity: "error",
      path: "providers.x.kind",
      message: "is missing",
      hint: 'set it to "openai", "anthropic" or "ollama" (most servers speak "openai")',
    });
  });
});

Deno.test("check-config tells a missing file in one line", async () => {
  const { code, err } = await run("/nowhere/config.toml");
  assert.equal(code, 2);
  assert.match(err, /^\/nowhere\/config\.toml: there is no such file; .*\nFailed: 1 error/);
});
