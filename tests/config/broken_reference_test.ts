import assert from "node:assert/strict";
import { BASE, problemsOf } from "./sample.ts";

const RULE = `[[rules]]\nname = "r"\nthen = { primary = "local" }\n`;
const CLOUD = `[providers.cloud]\nkind = "openai"\n`;
const HOSTED = `${CLOUD}base_url = "https://host/v1"\n`;

/** What is wrong -> the config, and the one line that tells it (without the file's name). */
const CASES: Readonly<Record<string, readonly [text: string, problem: string]>> = {
  "no model": [
    "",
    "models has no model; add a section [models.<alias>] with provider and model_id",
  ],
  "a model without a provider": [
    '[models."a.b"]\nmodel_id = "x"',
    'models."a.b".provider is missing; add provider = "<id of a provider>"',
  ],
  "a provider that is not there": [
    BASE + '[models.gpt]\nprovider = "openai"\nmodel_id = "gpt-5.5"',
    'models.gpt.provider names "openai", which is not in [providers]; add a section [providers.openai]',
  ],
  "a provider of another kind that is not there": [
    BASE + '[models.x]\nprovider = "groq"\nmodel_id = "x"',
    'models.x.provider names "groq", which is not in [providers]; ' +
    "add a section [providers.groq] with kind and base_url",
  ],
  "a mistyped provider": [
    BASE + '[models.x]\nprovider = "olama"\nmodel_id = "x"',
    'models.x.provider names "olama", which is not in [providers]; did you mean "ollama"?',
  ],
  "a provider without a kind": [
    BASE + '[providers.groq]\nbase_url = "https://host"',
    'providers.groq.kind is missing; set it to "openai", "anthropic" or "ollama" ' +
    '(most servers speak "openai")',
  ],
  "a provider whose address only its name tells": [
    BASE + '[providers.lm-studio]\nkind = "openai"',
    "providers.lm-studio.base_url is missing; " +
    'set base_url to the server\'s address, such as "https://api.openai.com"',
  ],
  "a vendor's name for another dialect, without an address": [
    BASE + '[providers.openai]\nkind = "anthropic"',
    "providers.openai.base_url is missing; " +
    'set base_url to the server\'s address, such as "https://api.anthropic.com"',
  ],
  "a model without a model_id": [
    BASE + '[models.x]\nprovider = "ollama"',
    'models.x.model_id is missing; add model_id = "<the provider\'s name for it>"',
  ],
  "a rule without a name": [
    BASE + '[[rules]]\nwhen = { always = true }\nthen = { primary = "local" }',
    'rules[0].name is missing; add name = "<a name of its own>"',
  ],
  "a rule without then": [
    BASE + '[[rules]]\nname = "r"\nwhen = { always = true }',
    'rules[0].then is missing; add then = { primary = "<alias>" }',
  ],
  "a rule with the ledger's name of a policy": [
    BASE +
    '[[rules]]\nname = "policy:mine"\nwhen = { always = true }\nthen = { primary = "local" }',
    'rules[0].name is "policy:mine", a reserved name; ' +
    "the ledger uses it for requests that no rule decides; choose another name",
  ],
  "a rule with the ledger's name of a header": [
    BASE + '[[rules]]\nname = "header"\nwhen = { always = true }\nthen = { primary = "local" }',
    'rules[0].name is "header", a reserved name; ' +
    "the ledger uses it for requests that no rule decides; choose another name",
  ],
  "a mistyped predicate that is short": [
    BASE + RULE + "when = { tokns = 5 }",
    'rules[0].when.tokns is not a known predicate; did you mean "tokens_in_gt"?',
  ],
  "a base_url without a scheme": [
    BASE + `${CLOUD}base_url = "localhost:8080"`,
    "providers.cloud.base_url must be a URL that begins with http:// or https://; " +
    'for example "https://api.openai.com" or "http://127.0.0.1:8080/v1"',
  ],
  "a base_url of another scheme": [
    BASE + `${CLOUD}base_url = "file:///etc/passwd"`,
    "providers.cloud.base_url must be a URL that begins with http:// or https://; " +
    'for example "https://api.openai.com" or "http://127.0.0.1:8080/v1"',
  ],
  "a base_url with a password": [
    BASE + `${CLOUD}base_url = "https://user:hunter2@host/v1"`,
    "providers.cloud.base_url must not hold a user name or password; " +
    "put the key into an environment variable and name it in api_key_env",
  ],
  "a base_url with a query": [
    BASE + `${CLOUD}base_url = "https://host/v1?key=hunter2"`,
    'providers.cloud.base_url must not have a "?" or "#" part; ' +
    "remove it: the URL ends with the path, and a key belongs in api_key_env",
  ],
  "a base_url with the endpoint": [
    BASE + `${CLOUD}base_url = "https://host/v1/chat/completions/"`,
    "providers.cloud.base_url must stop before the endpoint; " +
    'pirouter adds it: "https://host/v1", not "https://host/v1/chat/completions"',
  ],
  "a key in place of its variable": [
    BASE + `${HOSTED}api_key_env = "sk-ant-hunter2"`,
    "providers.cloud.api_key_env must be the name of an environment variable, " +
    'not the key itself; for example "OPENAI_API_KEY"',
  ],
  "a key that could be a variable's name": [
    BASE + `${HOSTED}api_key_env = "gsk_hunter2hunter2hunter2"`,
    "providers.cloud.api_key_env must be the name of an environment variable, " +
    'not the key itself; for example "OPENAI_API_KEY"',
  ],
  "a key and a variable": [
    BASE + `${HOSTED}api_key = "hunter2"\napi_key_env = "KEY"`,
    "providers.cloud.api_key stands beside api_key_env; keep one of them",
  ],
  "a key that no header can carry": [
    BASE + `${HOSTED}api_key = "hunter2\\r\\nx: y"`,
    "providers.cloud.api_key holds characters that an HTTP header can't carry; " +
    "copy the key again, without spaces and line breaks",
  ],
  "one price alone": [
    BASE + `${CLOUD}base_url = "http://127.0.0.1:1"
[models.x]
provider = "cloud"
model_id = "x"
input_per_m = 1`,
    "models.x has input_per_m but not output_per_m, and the price catalog does not know the model; " +
    "add output_per_m, or remove input_per_m",
  ],
  "a cache price alone": [
    BASE + `${CLOUD}base_url = "http://127.0.0.1:1"
[models.x]
provider = "cloud"
model_id = "x"
cache_read_per_m = 1`,
    "models.x has cache_read_per_m but not input_per_m and output_per_m, and the price catalog " +
    "does not know the model; add input_per_m and output_per_m, or remove cache_read_per_m",
  ],
  "a reserved alias": [
    BASE + '[models.auto]\nprovider = "ollama"\nmodel_id = "x"',
    "models.auto has a reserved name; " +
    `"auto" in a request's model asks for routing; choose another alias`,
  ],
  "a profile as an alias": [
    BASE + '[models.local-first]\nprovider = "ollama"\nmodel_id = "x"',
    "models.local-first has a reserved name; " +
    `"local-first" in a request's model asks for routing; choose another alias`,
  ],
  "a header target as an alias": [
    BASE + '[models."$header:x"]\nprovider = "ollama"\nmodel_id = "x"',
    'models."$header:x" has a name that begins with "$"; choose another alias',
  ],
  "a line break in an alias": [
    BASE + '[models."a\\r\\nb"]\nprovider = "ollama"\nmodel_id = "x"',
    'models."a\\r\\nb" has a name that a header can\'t carry; ' +
    "use printable ASCII characters, without spaces at the ends",
  ],
  "a direction mark in an alias": [
    BASE + '[models."a\\u202Eb"]\nprovider = "ollama"\nmodel_id = "x"',
    'models."a\\u202eb" has a name that a header can\'t carry; ' +
    "use printable ASCII characters, without spaces at the ends",
  ],
  "a space at the end of a provider": [
    BASE + '[providers."a "]\nkind = "openai"\nbase_url = "https://host"',
    'providers."a " has a name that a header can\'t carry; ' +
    "use printable ASCII characters, without spaces at the ends",
  ],
  "an escape in a rule's name": [
    BASE +
    '[[rules]]\nname = "\\u001b[31m"\nwhen = { always = true }\nthen = { primary = "local" }',
    "rules[0].name has a name that a header can't carry; " +
    "use printable ASCII characters, without spaces at the ends",
  ],
  "a rule without a condition": [
    BASE + RULE,
    "rules[0].when is missing; " +
    "add when = { <predicate> }, or when = { always = true } for every request",
  ],
  "an empty condition": [
    BASE + RULE + "when = {}",
    "rules[0].when is empty; use `always = true` to match every request",
  ],
  "an unknown predicate": [
    BASE + RULE + "when = { tokns_in_gt = 5 }",
    'rules[0].when.tokns_in_gt is not a known predicate; did you mean "tokens_in_gt"?',
  ],
  "a bad value deep in a condition": [
    BASE + RULE + "when = { all = [{ always = true }, { not = { tokens_in_gt = -1 } }] }",
    "rules[0].when.all[1].not.tokens_in_gt must be a positive integer",
  ],
  "a rule without a target": [
    BASE + '[[rules]]\nname = "r"\nwhen = { always = true }\nthen = {}',
    'rules[0].then.primary is missing; add primary = "<alias>"',
  ],
  "an unknown alias as a primary": [
    BASE + '[[rules]]\nname = "r"\nwhen = { always = true }\nthen = { primary = "locl" }',
    'rules[0].then.primary names "locl", which is not in [models]; did you mean "local"?',
  ],
  "an unknown alias in a cascade": [
    BASE +
    '[[rules]]\nname = "r"\nwhen = { always = true }\nthen = { primary = "local", cascade = ["toString"] }',
    'rules[0].then.cascade[0] names "toString", which is not in [models]; known aliases: local',
  ],
  "a header target without a header": [
    BASE + '[[rules]]\nname = "r"\nwhen = { always = true }\nthen = { primary = "$header:" }',
    'rules[0].then.primary must name a header after $header:; for example "$header:x-pirouter-route"',
  ],
};

for (const [name, [text, problem]] of Object.entries(CASES)) {
  Deno.test(`parseConfig() tells ${name}`, async () => {
    assert.deepEqual(await problemsOf(text), [`config.toml: ${problem}`]);
  });
}

Deno.test("parseConfig() tells a bad regular expression with its reason", async () => {
  const [line, ...rest] = await problemsOf(BASE + RULE + 'when = { prompt_matches = "(" }');
  assert.match(line ?? "", /rules\[0\]\.when\.prompt_matches is not a valid regular expression \(/);
  assert.deepEqual(rest, []);
});

Deno.test("parseConfig() never shows a value that may be a secret", async () => {
  const secrets = Object.values(CASES).filter(([text]) => text.includes("hunter2"));
  assert.ok(secrets.length >= 6);
  for (const [text] of secrets) {
    assert.doesNotMatch((await problemsOf(text)).join("\n"), /hunter2/);
  }
});
