/** The long texts of a transcript: code, listings and what tests print, made up from a seed. */

import type { Random } from "./random.ts";

/** A text to be made up: a number is a count of lines, but for sentences of prose. */
export type TextSpec =
  | string
  | { readonly code: number }
  | { readonly prose: number }
  | { readonly file: number }
  | { readonly matches: number }
  | { readonly listing: number }
  | { readonly tests: { readonly passed: number; readonly failed: number } }
  | { readonly log: { readonly lines: number; readonly code: number } }
  | { readonly edited: string }
  | { readonly error: string }
  | { readonly text: string };

/** Makes the text up; the same draws give the same text. */
export function writeText(spec: TextSpec, random: Random): string {
  if (typeof spec === "string") return spec;
  if ("code" in spec) return writeCode(spec.code, random);
  if ("prose" in spec) return linesOf(spec.prose, () => writeSentence(random));
  if ("file" in spec) return numberLines(writeCode(spec.file, random));
  if ("matches" in spec) return linesOf(spec.matches, () => writeMatch(random));
  if ("listing" in spec) return linesOf(spec.listing, () => writeEntry(random));
  if ("tests" in spec) return writeTests(spec.tests, random);
  if ("log" in spec) return writeLog(spec.log, random);
  if ("edited" in spec) return `${spec.edited} was changed in 1 place.`;
  return "error" in spec ? spec.error : spec.text;
}

const NOUNS =
  "event parcel lease claim token shop carrier batch cursor worker month key store attempt window"
    .split(" ");
const VERBS = "read write find take renew clear count mark close load check draw".split(" ");
const FOLDERS = ["src/queue", "src/store", "src/cli", "tests/queue", "tests/store", "docs"];

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function linesOf(count: number, write: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => write(index)).join("\n");
}

function drawName(random: Random): string {
  return random.pick(VERBS) + capitalize(random.pick(NOUNS)) + capitalize(random.pick(NOUNS));
}

/** Functions of a few statements each. */
function writeCode(count: number, random: Random): string {
  const lines: string[] = [];
  while (lines.length < count) {
    const [noun, other] = [random.pick(NOUNS), random.pick(NOUNS)];
    const body = Array.from({ length: random.integer(3, 9) }, () => writeStatement(random));
    lines.push(
      `/** ${capitalize(random.pick(VERBS))}s the ${noun} of a ${other}, if there is one. */`,
      `export async function ${drawName(random)}(${noun}: ${
        capitalize(noun)
      }, ${other}Id: string) {`,
      ...body.map((line) => `  ${line}`),
      "}",
      "",
    );
  }
  return lines.slice(0, count).join("\n");
}

function writeStatement(random: Random): string {
  const [noun, other] = [random.pick(NOUNS), random.pick(NOUNS)];
  const count = random.integer(2, 900);
  return random.pick([
    `const ${noun} = await ${drawName(random)}(${other}Id, { limit: ${count} });`,
    `if (${noun}.${other}Until < now - ${count}) return { type: "late", ${noun} };`,
    `await db.run(sql\`UPDATE ${noun}s SET ${other}_id = \${${other}.id} WHERE id = \${id}\`);`,
    `for (const ${noun} of ${other}.${noun}s) ${drawName(random)}(${noun}, ${count});`,
    `log.debug("${noun} {id} has no ${other}", { id: ${noun}.id, tries: ${count} });`,
    `// The ${noun} may be gone by now: its ${other} was given to somebody else.`,
  ]);
}

function numberLines(text: string): string {
  return text.split("\n").map((line, index) => `${index + 1}\t${line}`).join("\n");
}

function drawPath(random: Random): string {
  return `${random.pick(FOLDERS)}/${random.pick(NOUNS)}_${random.pick(NOUNS)}.ts`;
}

function writeMatch(random: Random): string {
  return `${drawPath(random)}:${random.integer(3, 240)}: ${writeStatement(random)}`;
}

function writeEntry(random: Random): string {
  return `${String(random.integer(240, 19_000)).padStart(6)} ${drawPath(random)}`;
}

function writeSentence(random: Random): string {
  const [noun, other] = [random.pick(NOUNS), random.pick(NOUNS)];
  const verb = random.pick(VERBS);
  return random.pick([
    `- While both versions run, a ${noun} that knows its ${other} is left to those that ${verb} it.`,
    `- We measure how many of each ${noun} wait for a ${other}, and go on when it is below ${
      random.integer(2, 90)
    } in a second.`,
    `- The way back is to ${verb} the ${noun} by its old ${other}, which is kept until the last step.`,
    `- A ${noun} without a ${other} stays where it is, so that nobody has to ${verb} it twice.`,
  ]);
}

/** As the runtime's own runner prints it. */
function writeTests(
  { passed, failed }: { readonly passed: number; readonly failed: number },
  random: Random,
): string {
  const nameTest = () =>
    `${random.pick(VERBS)}s a ${random.pick(NOUNS)} before its ${random.pick(NOUNS)} is over`;
  const isDetailed = passed + failed < 60;
  const names = isDetailed ? Array.from({ length: passed }, nameTest) : [];
  const broken = Array.from({ length: failed }, nameTest);
  const head = `running ${passed + failed} tests`;
  const oks = names.map((name) => `${name} ... ok (${random.integer(1, 90)}ms)`);
  const time = `(${random.integer(2, 30)}s)`;
  if (failed === 0) {
    return [head, ...oks, "", `ok | ${passed} passed | 0 failed ${time}`].join("\n");
  }
  const details = broken.flatMap((name) => [
    "",
    `${name} => ./${drawPath(random)}:${random.integer(9, 99)}:6`,
    `error: AssertionError: Expected values to be strictly equal: ${random.integer(1, 5)} !== 0`,
    ...Array.from({ length: 9 }, () => `    at ${drawName(random)} (${drawPath(random)}:9:5)`),
  ]);
  return [
    head,
    ...oks,
    ...broken.map((name) => `${name} ... FAILED (${random.integer(1, 9)}s)`),
    "",
    " ERRORS ",
    ...details,
    "",
    `FAILED | ${passed} passed | ${failed} failed ${time}`,
    "",
    "error: Test failed",
  ].join("\n");
}

function writeLog(
  { lines, code }: { readonly lines: number; readonly code: number },
  random: Random,
): string {
  const text = linesOf(lines, (index) => {
    const [noun, other] = [random.pick(NOUNS), random.pick(NOUNS)];
    return `${String(index * 37 + 4).padStart(6, "0")} ${drawName(random)} ${noun}=${
      random.integer(1_000, 9_999)
    } ${other}=${random.integer(10, 99)}`;
  });
  return `${text}${lines === 0 ? "" : "\n"}exit code: ${code}`;
}
