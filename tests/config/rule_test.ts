import assert from "node:assert/strict";
import { BASE, configOf, problemsOf } from "./sample.ts";

function rule(name: string, when: string, primary = "local"): string {
  return `[[rules]]\nname = "${name}"\nwhen = ${when}\nthen = { primary = "${primary}" }\n`;
}

Deno.test("parseConfig() refuses a rule behind one that matches every request", async () => {
  const text = BASE + rule("all", "{ any = [{ always = true }, { has_tools = true }] }") +
    rule("tools", "{ has_tools = true }");
  assert.deepEqual(await problemsOf(text), [
    'config.toml: rules[1] can never match: rules[0] ("all") matches every request; move it up, or remove it',
  ]);
});

Deno.test("parseConfig() refuses a rule with the condition of an earlier one", async () => {
  const text = BASE + rule("a", "{ has_tools = true }") + rule("b", "{ has_images = true }") +
    rule("c", "{ all = [{ has_tools = true }] }");
  assert.deepEqual(await problemsOf(text), [
    'config.toml: rules[2] can never match: rules[0] ("a") has the same condition; move it up, or remove it',
  ]);
});

Deno.test("parseConfig() lets rules follow one that a request without its header passes", async () => {
  const text = BASE + rule("override", "{ always = true }", "$header:X-Route") +
    rule("rest", "{ always = true }");
  const { rules } = await configOf(text);
  assert.deepEqual(rules.map(({ name, primary, cascade }) => ({ name, primary, cascade })), [
    { name: "override", primary: { type: "header", header: "x-route" }, cascade: [] },
    { name: "rest", primary: { type: "alias", alias: "local" }, cascade: [] },
  ]);
});

Deno.test("parseConfig() refuses two rules of one name", async () => {
  const text = BASE + rule("a", "{ has_tools = true }") + rule("a", "{ has_images = true }");
  assert.deepEqual(await problemsOf(text), [
    'config.toml: rules[1].name is "a" like that of rules[0]; give each rule its own name: the ledger counts by it',
  ]);
});

Deno.test("parseConfig() takes names that objects inherit as aliases", async () => {
  const text = `[providers.ollama]
[models.constructor]
provider = "ollama"
model_id = "x"
[models.__proto__]
provider = "ollama"
model_id = "y"
` + rule("r", "{ always = true }", "__proto__");
  const config = await configOf(text);
  assert.deepEqual([...config.catalog.keys()], ["constructor", "__proto__"]);
  assert.equal(config.catalog.get("__proto__")?.modelId, "y");
  assert.equal(config.catalog.has("toString"), false);
});

Deno.test("parseConfig() refuses a rule that names an embeddings model, as primary or in its cascade", async () => {
  const text = BASE + `[models.embed]
provider = "ollama"
model_id = "nomic-embed-text"
type = "embeddings"
` + rule("direct", "{ has_tools = true }", "embed") + `[[rules]]
name = "behind"
when = { always = true }
then = { primary = "local", cascade = ["embed"] }
`;
  const end = 'names "embed", which is an embeddings model; ' +
    "rules route chat requests: name a model of type chat";
  assert.deepEqual(await problemsOf(text), [
    `config.toml: rules[0].then.primary ${end}`,
    `config.toml: rules[1].then.cascade[0] ${end}`,
  ]);
});

Deno.test("parseConfig() keeps the ledger's names of endpoints for them", async () => {
  for (const name of ["embeddings", "completions"]) {
    const [problem = ""] = await problemsOf(BASE + rule(name, "{ always = true }"));
    assert.match(problem, /^config.toml: rules\[0\]\.name is "\w+", a reserved name/);
  }
});
