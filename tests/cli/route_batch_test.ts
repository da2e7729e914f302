import assert from "node:assert/strict";
import { run } from "../support/cli_run.ts";
import { withConfig } from "../support/cli_process.ts";

const CONFIG = `
[providers.cloud]
kind = "openai"
base_url = "http://127.0.0.1:9"
[models.small]
provider = "cloud"
model_id = "small-1"
quality = "basic"
input_per_m = 0.1
output_per_m = 0.2
context_window = 8000
[models.strong]
provider = "cloud"
model_id = "strong-1"
quality = "strong"
input_per_m = 1.0
output_per_m = 2.0
context_window = 100000
supports_tools = true
`;

async function batch(
  lines: readonly string[],
  args: readonly string[] = [],
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return await withConfig(CONFIG, async ({ config, folder }) => {
    await Deno.writeTextFile(`${folder}/requests.jsonl`, lines.join("\n"));
    return await run(["--config", config, "route", "--batch", `${folder}/requests.jsonl`, ...args]);
  });
}

const REQUESTS = [
  JSON.stringify({ "id": "q1", "prompt": "Say hi" }),
  JSON.stringify({ "messages": [{ "role": "user", "content": "Say hi" }] }),
  "",
  JSON.stringify({ "model": "strong", "messages": [{ "role": "user", "content": "Say hi" }] }),
  JSON.stringify({
    "prompt": "x ".repeat(9_000),
    "tools": [{ "type": "function", "function": { "name": "t" } }],
  }),
];

Deno.test("route --batch --json prints one decision a line, with a continuous difficulty", async () => {
  const { code, out, err } = await batch(REQUESTS, ["--json"]);
  assert.deepEqual([code, err], [0, ""]);
  const decisions = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(decisions.map(({ line, id, model, rule }) => [line, id, model, rule]), [
    [1, "q1", "small", "policy:balanced"],
    [2, undefined, "small", "policy:balanced"],
    [4, undefined, "strong", "model"],
    [5, undefined, "strong", "policy:balanced"],
  ]);
  assert.doesNotMatch(decisions[1].reasons.join(), /is no alias/, "model may be left out");
  for (const { difficulty } of decisions) {
    assert.deepEqual(Object.keys(difficulty), ["tier", "score", "reasons"]);
    assert.ok(difficulty.score >= 0 && difficulty.score <= 1 && difficulty.reasons.length > 0);
  }
});

Deno.test("route --batch tells which lines are no requests, and decides the others", async () => {
  const wrong = ["{", JSON.stringify({ "messages": [] }), REQUESTS[0] ?? ""];
  const { code, out } = await batch(wrong, ["--json"]);
  assert.equal(code, 1);
  const [first, second, third] = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual([first.line, typeof first.error], [1, "string"]);
  assert.match(second.error, /^messages /);
  assert.equal(third.model, "small");
  const text = await batch(wrong);
  assert.match(
    text.out,
    /^line +difficulty +score +model +rule\n +1 .*\n +2 .*messages.*\n +3 +easy +0\.\d{3} +small +policy:balanced\n$/,
  );
});

Deno.test("route --batch takes headers for every request, and nothing that is in the requests", async () => {
  const { out } = await batch(REQUESTS, ["--json", "--header", "x-pirouter-difficulty=hard"]);
  assert.equal(JSON.parse(out.split("\n")[0] ?? "").model, "strong");
  const misuse = await batch(REQUESTS, ["--prompt", "hi"]);
  assert.deepEqual([misuse.code, misuse.err], [
    2,
    "--batch has whole requests: leave the other parts out.\n",
  ]);
  const missing = await run(["route", "--batch", "nowhere.jsonl"]);
  assert.equal(missing.code, 2);
  assert.match(missing.err, /--batch nowhere\.jsonl can't be read/);
});
