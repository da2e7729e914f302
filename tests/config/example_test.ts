import assert from "node:assert/strict";
import { COMBINATORS, PREDICATES } from "../../src/core/predicates.ts";
import { COMPAT_TABLE, SECTIONS, THEN_TABLE } from "../../src/config/schema.ts";
import { configOf, problemsOf } from "./sample.ts";

const EXAMPLE = await Deno.readTextFile(
  new URL("../../config.example.toml", import.meta.url),
);
const KEYS = { ANTHROPIC_API_KEY: "a-key", OPENAI_API_KEY: "o-key", OPENROUTER_API_KEY: "r-key" };

/** The example with every commented key and table switched on, comments at the ends removed. */
function uncomment(text: string): string {
  return text.replaceAll(/^# (?=\[|[a-z_]+ = )/gm, "");
}

Deno.test("config.example.toml has no problem", async () => {
  assert.deepEqual(await problemsOf(EXAMPLE, KEYS), []);
});

Deno.test("every price and window of config.example.toml is known", async () => {
  const { catalog } = await configOf(EXAMPLE, KEYS);
  assert.equal(catalog.size, 7);
  for (const model of catalog.values()) {
    assert.notEqual(model.price, null, model.alias);
    assert.notEqual(model.contextWindow, null, model.alias);
    assert.equal(model.price?.source, model.local ? "local" : "catalog", model.alias);
    if (!model.local) assert.notEqual(model.maxOutputTokens, null, model.alias);
  }
});

Deno.test("config.example.toml shows every section, key and predicate", () => {
  const tables = { ...SECTIONS, compat: COMPAT_TABLE, then: THEN_TABLE };
  for (const [section, table] of Object.entries(tables)) {
    assert.match(EXAMPLE, new RegExp(`^(# )?\\[+.*${section}|${section} = \\{`, "m"));
    for (const key of Object.keys(table.entries)) {
      const shown = new RegExp(`^(# )?${key} = |[{,] ${key} = |\\.${key}\\]`, "m");
      assert.match(EXAMPLE, shown, `${section}.${key} is not shown`);
    }
  }
  for (const name of [...PREDICATES.keys(), ...COMBINATORS]) {
    assert.match(EXAMPLE, new RegExp(`[{ ]${name} = `), `${name} is not shown`);
  }
});

Deno.test("what config.example.toml comments out is right too", async () => {
  const text = uncomment(EXAMPLE);
  assert.ok(text.includes("\nunknown_model") && text.includes("\n[providers.llama-cpp.compat]"));
  assert.deepEqual(await problemsOf(text, KEYS), [
    "config.toml: warning: providers.llama-cpp.api_key keeps a secret in the file; " +
    "an environment variable, named in api_key_env, is safer",
  ]);
});

Deno.test("the defaults that config.example.toml comments out are the defaults", async () => {
  const asWritten = await configOf(EXAMPLE, KEYS);
  const spelled = await configOf(uncomment(EXAMPLE), KEYS);
  assert.deepEqual(spelled.server, asWritten.server);
  // A limit that is absent has no value to show: the example's is one.
  const { strongShare, ...routing } = spelled.routing;
  assert.equal(strongShare, 0.2);
  assert.deepEqual(routing, asWritten.routing);
  assert.deepEqual(spelled.cascade, asWritten.cascade);
  const timesOf = (config: typeof spelled) => {
    const { requestTimeoutMs, firstTokenTimeoutMs, idleTimeoutMs } =
      config.providers.get("ollama") ?? {};
    return [requestTimeoutMs, firstTokenTimeoutMs, idleTimeoutMs];
  };
  assert.deepEqual(timesOf(spelled), timesOf(asWritten));
});
