import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/mod.ts";
import { VERSION } from "../../src/cli/version.ts";
import { runProcess, spawnCli, withConfig } from "../support/cli_process.ts";
import { run } from "../support/cli_run.ts";
import { timedTest, within } from "../support/deadline.ts";

const CONFIG = `
[providers.local]
kind = "openai"
base_url = "http://127.0.0.1:9"
[models.fast]
provider = "local"
model_id = "fast-1"
local = true
`;

Deno.test("--help lists every command on stdout and exits with 0", async () => {
  const { code, out, err } = await run(["--help"]);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^Usage: pirouter \[options\] \[command\]\n/);
  for (const { name, summary } of COMMANDS) {
    assert.match(out, new RegExp(`^  ${name} .*${summary.slice(0, 20)}`, "m"));
  }
});

for (const { name, summary } of COMMANDS) {
  Deno.test(`${name} --help tells what it does and its options`, async () => {
    const { code, out, err } = await run([name, "--help"]);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, new RegExp(`^Usage: pirouter ${name} `));
    assert.ok(out.replace(/\s+/g, " ").includes(summary));
  });
}

Deno.test("--version prints the version and exits with 0", async () => {
  assert.deepEqual(await run(["--version"]), { code: 0, out: `${VERSION}\n`, err: "" });
});

const WRONG: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["an unknown command", ["rout"], /unknown command 'rout'[\s\S]*Did you mean route\?/],
  ["an unknown option", ["models", "--jsn"], /unknown option '--jsn'[\s\S]*Did you mean --json\?/],
  ["an option without its value", ["--config"], /option '--config <path>' argument missing/],
  ["an argument too many", ["models", "extra"], /too many arguments/],
];

for (const [name, args, pattern] of WRONG) {
  Deno.test(`${name} is told on stderr and exits with 2`, async () => {
    const { code, out, err } = await run(args);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, pattern);
  });
}

Deno.test("no command at all shows the help on stderr and exits with 2", async () => {
  const { code, out, err } = await run([]);
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /^Usage: pirouter/);
});

timedTest(
  "results go to stdout, without colours in a pipe, and everything else to stderr",
  () =>
    withConfig(
      CONFIG.replace("[models", 'api_key = "in-the-file"\n[models'),
      async ({ config }) => {
        for (const env of [{}, { "NO_COLOR": "1" }]) {
          const { code, out, err } = await runProcess(["--config", config, "models"], { env });
          assert.equal(code, 0);
          assert.match(out, /^alias .*\nfast /);
          assert.ok(!out.includes("\x1b"));
          assert.match(err, /^.*config\.toml: warning: .*api_key keeps a secret in the file/);
          assert.doesNotMatch(out + err, /in-the-file/);
        }
      },
    ),
);

timedTest(
  "the config of $PIROUTER_CONFIG is used, and --config wins over it",
  () =>
    withConfig(CONFIG, async ({ config, folder }) => {
      const env = { "PIROUTER_CONFIG": config };
      assert.equal((await runProcess(["models"], { env })).code, 0);
      const other = await runProcess(["--config", `${folder}/other.toml`, "models"], { env });
      assert.equal(other.code, 2);
      assert.match(other.err, /other\.toml: there is no such file; check --config/);
    }),
);

timedTest(
  "a reader that closes the pipe early leaves no stack",
  () =>
    withConfig(CONFIG, async ({ config }) => {
      for (const args of [["models"], ["models", "--json"], ["--help"]]) {
        const child = spawnCli(["--config", config, ...args]);
        await child.stdout.cancel();
        const err = new Response(child.stderr).text();
        assert.equal((await within(child.status, "pirouter")).code, 0);
        assert.equal(await err, "");
      }
    }),
);
