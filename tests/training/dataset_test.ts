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

async function runTask(task: string, arg: string): Promise<Deno.CommandOutput & { tell: string }> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-read", `src/training/${task}.ts`, arg],
    cwd: new URL("../../", import.meta.url),
  }).output();
  assert.equal(output.stdout.length, 0);
  return { ...output, tell: new TextDecoder().decode(output.stderr) };
}

for (const task of ["train", "eval"]) {
  for (const file of ["missing.jsonl", "src"]) {
    Deno.test(`deno task ${task} ${file} ends with 1 and the next step`, async () => {
      const { code, tell } = await runTask(task, file);
      assert.equal(code, 1);
      assert.equal(tell.split("\n").length, 2, tell);
      assert.ok(tell.includes(`"${file}"; name files of one JSON`), tell);
    });
  }

  Deno.test(`deno task ${task} --bogus ends with 2`, async () => {
    const { code, tell } = await runTask(task, "--bogus");
    assert.equal(code, 2);
    assert.match(tell, /^Cannot understand "--bogus": this task takes .*; leave it out\n$/);
  });
}

Deno.test("deno task train ends with 1 and writes nothing when too few prompts are judged", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, JSON.stringify(LINE));
  // It may not write: an attempt would end with a stack trace.
  const { code, tell } = await runTask("train", file);
  assert.equal(code, 1);
  assert.match(tell, /^Cannot train: 0 of 1 labelled prompts have "mid", and at least 200 are/m);
  assert.equal(tell.split("\n").length, 3, tell);
  await Deno.remove(file);
});
