import assert from "node:assert/strict";
import { findStartIssue } from "../../src/config/load.ts";
import { configOf, problemsOf } from "./sample.ts";

function cloud(id: string, keys = ""): string {
  return `[providers.${id}]\n${keys}
[models.a]\nprovider = "${id}"\nmodel_id = "a"
[models.b]\nprovider = "${id}"\nmodel_id = "b"\n`;
}

Deno.test("a missing key makes its provider's models unusable, with one warning", async () => {
  const text = cloud("anthropic");
  assert.deepEqual(await problemsOf(text), [
    "config.toml: warning: providers.anthropic can't be used: environment variable " +
    "ANTHROPIC_API_KEY is not set; until then its models are left out: a, b",
  ]);
  const { catalog } = await configOf(text);
  assert.deepEqual(
    [...catalog.values()].map((model) => model.unusable),
    Array(2).fill("environment variable ANTHROPIC_API_KEY is not set"),
  );
});

Deno.test("an empty key is as good as none", async () => {
  const { catalog } = await configOf(cloud("openai"), { OPENAI_API_KEY: " " });
  assert.equal(catalog.get("a")?.unusable, "environment variable OPENAI_API_KEY is empty");
});

Deno.test("a key that no header can carry is told without showing it", async () => {
  const [line] = await problemsOf(cloud("openai"), { OPENAI_API_KEY: "hunter2\nx" });
  assert.match(line ?? "", /variable OPENAI_API_KEY holds characters that an HTTP header can't/);
  assert.doesNotMatch(line ?? "", /hunter2/);
});

Deno.test("a key from the environment reaches the provider, and prints as a mask", async () => {
  const config = await configOf(cloud("openai"), { OPENAI_API_KEY: "sk-canary\n" });
  assert.equal(config.providers.get("openai")?.apiKey?.reveal(), "sk-canary");
  assert.doesNotMatch(JSON.stringify([...config.providers]), /canary/);
});

/** Which provider needs a key when the config names none -> the variable that is then missed. */
const DEFAULTS: readonly (readonly [id: string, keys: string, variable: string | null])[] = [
  ["openai", "", "OPENAI_API_KEY"],
  ["openai", 'base_url = "https://api.openai.com/v1/"', "OPENAI_API_KEY"],
  ["openai", 'base_url = "http://127.0.0.1:1234/v1"', null],
  ["openai", 'base_url = "https://openrouter.ai/api/v1"', null],
  ["anthropic", "", "ANTHROPIC_API_KEY"],
  ["work", 'kind = "anthropic"\nbase_url = "https://api.anthropic.com"', "ANTHROPIC_API_KEY"],
  ["ollama", "", null],
  ["ollama", 'base_url = "http://192.168.1.5:11434"', null],
  ["lm-studio", 'kind = "openai"\nbase_url = "http://localhost:1234/v1"', null],
  ["lm-studio", 'kind = "openai"\nbase_url = "http://localhost:1"\napi_key_env = "K"', "K"],
];

for (const [id, keys, variable] of DEFAULTS) {
  const label = `${id} with ${keys.replaceAll("\n", ", ") || "no keys"}`;
  Deno.test(`${label} needs ${variable ?? "no key"}`, async () => {
    const { catalog } = await configOf(cloud(id, keys));
    const unusable = catalog.get("a")?.unusable;
    assert.equal(unusable, variable && `environment variable ${variable} is not set`);
  });
}

Deno.test("a vendor's key is not sent to a server elsewhere", async () => {
  const text = cloud("openai", 'base_url = "http://192.168.1.5:8080"');
  const config = await configOf(text, { OPENAI_API_KEY: "sk-canary" });
  assert.equal(config.providers.get("openai")?.apiKey, null);
});

Deno.test("a provider that no model uses needs no key", async () => {
  const text = "[providers.anthropic]\n" + cloud("ollama");
  assert.deepEqual(await problemsOf(text), []);
});

Deno.test("a key in the file, and one sent unencrypted, are warned about", async () => {
  const text = cloud(
    "lan",
    'kind = "openai"\nbase_url = "http://192.168.1.5"\napi_key = "hunter2"',
  );
  assert.deepEqual(await problemsOf(text), [
    "config.toml: warning: providers.lan.api_key keeps a secret in the file; " +
    "an environment variable, named in api_key_env, is safer",
    "config.toml: warning: providers.lan.base_url sends the key unencrypted; " +
    "use https:// unless you trust every machine on the way",
  ]);
});

Deno.test("findStartIssue() says why no model can be used", async () => {
  assert.equal(
    findStartIssue(await configOf(cloud("openai")))?.message,
    "has no model that can be used (environment variable OPENAI_API_KEY is not set)",
  );
  const disabled = cloud("ollama").replaceAll("model_id", "enabled = false\nmodel_id");
  assert.equal(
    findStartIssue(await configOf(disabled))?.message,
    "has no model that can be used (all are disabled)",
  );
  assert.equal(findStartIssue(await configOf(cloud("ollama"))), null);
  assert.equal(findStartIssue(await configOf("[providers.ollama]\ndiscover = true")), null);
});
