import assert from "node:assert/strict";
import { type CliRun, type CliSetting, run } from "../support/cli_run.ts";
import { withConfig } from "../support/cli_process.ts";
import { timedTest } from "../support/deadline.ts";
import { Upstream } from "../support/upstream.ts";

const CONFIG = `
[providers.local]
kind = "ollama"
[providers.cloud]
kind = "openai"
base_url = "http://127.0.0.1:9"
[models.small]
provider = "local"
model_id = "small-1"
quality = "basic"
context_window = 8000
local = true
[models.strong]
provider = "cloud"
model_id = "strong-1"
quality = "strong"
input_per_m = 1.0
output_per_m = 2.0
context_window = 100000
supports_tools = true
supports_vision = true
[cascade]
on_short_response = true
min_output_tokens = 8
on_marker = "[[UP]]"
[[rules]]
name = "legal"
when = { prompt_matches = "contract" }
then = { primary = "strong", cascade = ["small"] }
`;

function route(args: readonly string[], setting: CliSetting = {}): Promise<CliRun> {
  return withConfig(
    CONFIG,
    ({ config }) => run(["--config", config, "route", ...args], setting),
  );
}

timedTest("route knows the models that a server is discovered to have", async () => {
  await using upstream = new Upstream("ollama");
  await upstream.ready;
  upstream.shownModels.set("qwen3:8b", { "capabilities": ["completion"] });
  const toml = `[providers.ollama]\nbase_url = "${upstream.baseUrl}"\ndiscover = true\n`;
  await withConfig(toml, async ({ config }) => {
    const { code, out, err } = await run(["--config", config, "route", "--prompt", "Say hi"]);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^model +qwen3:8b\n/);
  });
});

Deno.test("route explains the policy's choice: difficulty, candidates, costs, cascade", async () => {
  const { code, out, err } = await route(["--prompt", "Say hi"]);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(
    out,
    /^model +small\nrule +policy:balanced\ndifficulty +easy \(score 0\.\d\d\): a small model's/,
  );
  assert.match(
    out,
    /\nWhy\n {2}- rule "legal" does not match: .*\n {2}- difficulty easy .*tier basic/,
  );
  assert.match(out, /\n# {2}alias +provider +tier +adequate +expected cost +price from\n/);
  assert.match(out, /\n1 {2}small +local +basic +\d\d % +\$0(\.0+)? +local\n/);
  assert.match(out, /\n2 {2}strong +cloud +strong +9\d % +\$0\.000\d+ +config\n/);
  assert.match(out, /fewer than 8 tokens/);
  assert.match(out, /begins with \[\[UP\]\]/);
});

Deno.test("route names the rule that matches and its cascade", async () => {
  const { code, out } = await route(["--prompt", "Read this contract"]);
  assert.equal(code, 0);
  assert.match(out, /^model +strong\nrule +legal\n/);
  assert.match(out, /rule "legal" matches: /);
  assert.match(out, /\n2 {2}small /);
});

Deno.test("route follows the route header and the difficulty header", async () => {
  const header = await route(["--prompt", "hi", "--header", "x-pirouter-route=strong"]);
  assert.match(header.out, /^model +strong\nrule +header\n/);
  const hard = await route(["--prompt", "hi", "--header", "X-Pirouter-Difficulty: hard"]);
  assert.match(hard.out, /^model +strong\nrule +policy:balanced\ndifficulty +hard/);
});

Deno.test("route obeys an alias and a profile as the model", async () => {
  assert.match(
    (await route(["--prompt", "hi", "--model", "strong"])).out,
    /^model +strong\nrule +model/,
  );
  const cloud = await route(["--prompt", "hi", "--model", "cloud-only"]);
  assert.match(cloud.out, /^model +strong\nrule +policy:cloud-only/);
  assert.match(cloud.out, /Rejected\nalias +reason\nsmall +is local/);
});

Deno.test("route says why models are rejected", async () => {
  const { code, out } = await route(["--prompt", "hi", "--tools", "--image"]);
  assert.equal(code, 0);
  assert.match(out, /Rejected\nalias +reason\nsmall +does not support tools\n/);
});

Deno.test("route exits with 1 when nothing can take the request", async () => {
  const { code, out } = await route(["--prompt", "hi", "--max-tokens", "200000"]);
  assert.equal(code, 1);
  assert.match(out, /No route: no model can take this request/);
  assert.match(out, /strong +has a window of 100000 tokens; about 2000\d+ are needed/);
});

Deno.test("route refuses an unknown alias of the header, and lists the known ones", async () => {
  const { code, out } = await route(["--prompt", "hi", "--header", "x-pirouter-route=nope"]);
  assert.equal(code, 1);
  assert.match(out, /"nope", which is no alias\. Known: small, strong/);
});

Deno.test("route --json tells the same as data", async () => {
  const { code, out, err } = await route(["--prompt", "Say hi", "--json"]);
  assert.deepEqual([code, err], [0, ""]);
  const report = JSON.parse(out);
  assert.deepEqual([report.model, report.rule], ["small", "policy:balanced"]);
  assert.deepEqual(
    report.candidates.map((candidate: { readonly alias: string }) => candidate.alias),
    ["small", "strong"],
  );
  assert.equal(report.candidates[0]["expected_cost_usd"], 0);
  assert.equal(report.features.difficulty.tier, "easy");
  assert.deepEqual(report.rejected, []);
  const refused = await route(["--prompt", "hi", "--max-tokens", "200000", "--json"]);
  assert.equal(refused.code, 1);
  assert.equal(JSON.parse(refused.out).refusal.type, "no_candidate");
});

Deno.test("route --json has no colour, the text has where a terminal shows it", async () => {
  assert.ok(!(await route(["--prompt", "hi", "--json"], { hasColor: true })).out.includes("\x1b"));
  assert.ok((await route(["--prompt", "hi"], { hasColor: true })).out.includes("\x1b[1m"));
  assert.ok(!(await route(["--prompt", "hi"])).out.includes("\x1b"));
});

Deno.test("route reads a whole request from a file", async () => {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(
      file,
      '{"model":"strong","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function",' +
        '"function":{"name":"f"}}],"max_tokens":5}',
    );
    const { out } = await route(["--request", file]);
    assert.match(out, /^model +strong\nrule +model\n/);
    assert.match(out, /tools +yes/);
    assert.match(out, /output limit +5\n/);
    await Deno.writeTextFile(file, '{"messages":[{"role":"user","content":5}]}');
    const wrong = await route(["--request", file]);
    assert.deepEqual([wrong.code, wrong.out], [2, ""]);
    assert.match(wrong.err, /messages\[0\]\.content must be a string/);
  } finally {
    await Deno.remove(file);
  }
});

const WRONG: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["a header without a value", ["--prompt", "x", "--header", "x"], /--header takes name=value/],
  [
    "a request file that is missing",
    ["--request", "/no/such.json"],
    /--request \/no\/such\.json can't be read/,
  ],
  ["an output limit that is no number", ["--prompt", "x", "--max-tokens", "many"], /--max-tokens/],
  ["an output limit of 0", ["--prompt", "x", "--max-tokens", "0"], /--max-tokens/],
  ["nothing to route", [], /--prompt TEXT/],
];

for (const [name, args, pattern] of WRONG) {
  Deno.test(`route with ${name} exits with 2 and says what is wrong`, async () => {
    const { code, out, err } = await route(args);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, pattern);
    assert.equal(err.trimEnd().split("\n").length, 1);
  });
}

Deno.test("route reckons with escalations as the daemon does", async () => {
  const model = (alias: string, quality: string, usd: number) => `
[models.${alias}]
provider = "cloud"
model_id = "${alias}-1"
quality = "${quality}"
input_per_m = ${usd.toFixed(1)}
output_per_m = ${usd.toFixed(1)}
context_window = 100000
`;
  const base = '[providers.cloud]\nkind = "openai"\nbase_url = "http://127.0.0.1:9"\n' +
    model("basic", "basic", 1) + model("better", "standard", 1.1);
  const chosen = (toml: string) =>
    withConfig(toml, async ({ config }) => {
      const args = [
        "route",
        "--json",
        "--prompt",
        "Find the race condition in this lock-free queue",
      ];
      return JSON.parse((await run(["--config", config, ...args])).out).model;
    });
  assert.equal(await chosen(base), "basic");
  assert.equal(await chosen(base + "[cascade]\non_short_response = true\n"), "better");
});
