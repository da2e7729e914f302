/** Reads what `deno test --junit-path` writes (https://docs.deno.com/runtime/fundamentals/testing/). */

/** One test that was declared. */
export interface TestResult {
  readonly name: string;
  readonly outcome: "ok" | "failed" | "ignored";
  /** Seconds. */
  readonly secs: number;
}

const TEST_CASE = /<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g;

/** The tests of a report, in its order. */
export function readJunit(xml: string): readonly TestResult[] {
  return [...xml.matchAll(TEST_CASE)].map(([, attributes = "", body = ""]) => ({
    name: attributeOf(attributes, "name"),
    outcome: outcomeOf(body),
    secs: Number(attributeOf(attributes, "time")),
  }));
}

function outcomeOf(body: string): TestResult["outcome"] {
  if (/<(?:failure|error)\b/.test(body)) return "failed";
  return /<skipped\b/.test(body) ? "ignored" : "ok";
}

function attributeOf(attributes: string, name: string): string {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
  return value.replace(/&(\w+);/g, (entity, key) => ENTITIES.get(key) ?? entity);
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["amp", "&"],
]);
