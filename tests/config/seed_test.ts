import assert from "node:assert/strict";
import { parse } from "smol-toml";
import { configOf, problemsOf } from "./sample.ts";

const KEYS = { ANTHROPIC_API_KEY: "a-key", OPENAI_API_KEY: "o-key" };
const SEED = await Deno.readTextFile(new URL("../fixtures/config/seed.toml", import.meta.url));

/** The config of the first release's users, where it is at hand. */
const AID = new URL("../../../shared/compat/config.toml", import.meta.url);

async function readAid(): Promise<string | null> {
  try {
    return await Deno.readTextFile(AID);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

Deno.test("the config of the first release loads without a problem", async () => {
  assert.deepEqual(await problemsOf(SEED, KEYS), []);
  const config = await configOf(SEED, KEYS);
  assert.deepEqual([...config.providers.keys()], ["anthropic", "openai", "ollama"]);
  assert.deepEqual([...config.catalog.keys()], [
    "haiku",
    "sonnet",
    "opus",
    "gpt-4o-mini",
    "gpt-4o",
    "llama3.2-local",
    "qwen2.5-coder-local",
  ]);
  assert.deepEqual(config.catalog.get("haiku")?.price, {
    source: "config",
    inputUsdPerMTok: 0.8,
    outputUsdPerMTok: 4,
  });
  assert.equal(config.catalog.get("haiku")?.maxOutputTokens, 64_000);
  assert.equal(config.catalog.get("haiku")?.supportsVision, false);
  assert.equal(config.providers.get("ollama")?.requestTimeoutMs, 120_000);
  assert.equal(config.cascade.onMarker, "<escalate/>");
  assert.deepEqual(config.rules.map(({ name, primary }) => ({ name, primary })), [
    { name: "explicit-override", primary: { type: "header", header: "x-pirouter-route" } },
  ]);
});

Deno.test("the fixture says what the first release's own config says", async () => {
  const aid = await readAid();
  if (aid === null) {
    await Deno.stdout.write(new TextEncoder().encode(`skipped: ${AID.pathname} is not here\n`));
    return;
  }
  assert.deepEqual(await problemsOf(aid, KEYS), []);
  assert.deepEqual(parse(SEED), parse(aid));
});
