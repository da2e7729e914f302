import assert from "node:assert/strict";
import { parseSample, readDataset } from "../../src/training/dataset.ts";

const LINE = { source: "s", family: "f", prompt: "p", weak: 0.5, strong: 1 };

Deno.test("parseSample() reads a line and ignores what it does not know", () => {
  const line = JSON.stringify({ ...LINE, difficulty: 3, kind: "fix" });
  assert.deepEqual(parseSample(line), { ...LINE, mid: null });
  assert.equal(parseSample(JSON.stringify({ ...LINE, mid: 0.7 }))?.mid, 0.7);
});

const BAD_LINES: readonly string[] = [
  "{",
  "[]",
  "null",
  JSON.stringify({ ...LINE, weak: 1.5 }),
  JSON.stringify({ ...LINE, strong: "1" }),
  JSON.stringify({ ...LINE, prompt: 7 }),
];

for (const line of BAD_LINES) {
  Deno.test(`parseSample() refuses ${line}`, () => assert.equal(parseSample(line), null));
}

Deno.test("readDataset() says which file is missing, or which line is wrong", async () => {
  const folder = await Deno.makeTempDir();
  const [missing, wrong] = [`${folder}/none.jsonl`, `${folder}/wrong.jsonl`];
  await Deno.writeTextFile(wrong, `${JSON.stringify(LINE)}\n\n{"source": 1}\n`);
  const problemOf = async (file: string) => {
    const dataset = await readDataset([file]);
    return "problem" in dataset ? dataset.problem : "";
  };
  assert.match(
    await problemOf(missing),
    /^Cannot read labelled prompts from ".*none\.jsonl"; name/,
  );
  assert.match(await problemOf(wrong), /^Cannot read ".*wrong\.jsonl" line 3: /);
  await Deno.remove(folder, { recursive: true });
});

for (const task of ["train", "eval"]) {
  Deno.test(`deno task ${task} ends with 1 and the next step when its file is missing`, async () => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--allow-read", `src/training/${task}.ts`, "missing.jsonl"],
      cwd: new URL("../../", import.meta.url),
    }).output();
    assert.equal(code, 1);
    assert.equal(stdout.length, 0);
    assert.match(new TextDecoder().decode(stderr), /"missing\.jsonl"; name files of one JSON/);
  });
}
