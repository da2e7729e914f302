import assert from "node:assert/strict";
import { BASE, problemsOf } from "./sample.ts";

/** What is wrong -> the config, and the one line that tells it (without the file's name). */
const CASES: Readonly<Record<string, readonly [text: string, problem: string]>> = {
  "an unknown section": [
    BASE + "[server_]",
    'server_ is not a known key; did you mean "server"?',
  ],
  "an unknown key": [
    BASE + '[server]\nbnd = "127.0.0.1:1"',
    'server.bnd is not a known key; did you mean "bind"?',
  ],
  "an unknown key that is near none": [
    BASE + "[ledger]\nvacuum_on_start = 1",
    "ledger.vacuum_on_start is not a known key; known keys: path, retention_days",
  ],
  "an inherited name as a key": [
    BASE + "[ledger]\nconstructor = 1",
    "ledger.constructor is not a known key; known keys: path, retention_days",
  ],
  "__proto__ as a key": [
    BASE + "[ledger]\n__proto__ = 1",
    "ledger.__proto__ is not a known key; known keys: path, retention_days",
  ],
  "an unknown compat flag": [
    BASE + "[providers.openai.compat]\ndeveloper_rol = true",
    'providers.openai.compat.developer_rol is not a known key; did you mean "developer_role"?',
  ],
  "a keep_alive that is no duration": [
    BASE.replace("[providers.ollama]", '[providers.ollama]\nkeep_alive = "5 bananas"'),
    'providers.ollama.keep_alive must be a duration such as "30m" or "1h30m", or a number of ' +
    "seconds (-1: for ever)",
  ],
  "an unknown key of then": [
    BASE +
    '[[rules]]\nname = "r"\nwhen = { always = true }\nthen = { primary = "local", cascad = [] }',
    'rules[0].then.cascad is not a known key; did you mean "cascade"?',
  ],
  "a section that is no table": [
    `server = 1\n${BASE}`,
    "server must be a table; begin it with a line [server]",
  ],
  "a section that is an array": [
    "routing = []\n" + BASE,
    "routing must be a table; begin it with a line [routing]",
  ],
  "a section that is an array of tables": [
    BASE + "[[cascade]]\non_http_error = true",
    "cascade must be a table; begin it with a line [cascade]",
  ],
  "a section that is a date": [
    "ledger = 2026-01-01\n" + BASE,
    "ledger must be a table; begin it with a line [ledger]",
  ],
  "a provider that is no table": [
    BASE + "[providers]\ngroq = 1",
    "providers.groq must be a table; begin it with a line [providers.groq]",
  ],
  "flags that are an array": [
    BASE + "[providers.openai]\ncompat = []",
    "providers.openai.compat must be a table; for example { developer_role = false }",
  ],
  "a rule that is no table": [
    "rules = [1]\n" + BASE,
    "rules[0] must be a table; each rule begins with a line [[rules]]",
  ],
  "a mistyped section, without what would follow from it": [
    '[providers.ollama]\n[model.a]\nprovider = "ollama"\nmodel_id = "x"\n' +
    '[[rules]]\nname = "r"\nwhen = { always = true }\nthen = { primary = "a" }',
    'model is not a known key; did you mean "models"?',
  ],
  "a mistyped key, not as a missing one too": [
    BASE + '[models.x]\nprovder = "ollama"\nmodel_id = "x"',
    'models.x.provder is not a known key; did you mean "provider"?',
  ],
  "models that are no table": [
    `models = 1\n[providers.ollama]`,
    "models must be a table of tables; each begins with a line such as [models.name]",
  ],
  "rules that are a table": [
    BASE + '[rules]\nname = "r"',
    "rules must be an array of tables; each rule begins with a line [[rules]]",
  ],
  "a wrong type": [
    BASE + "[routing]\nauto_cascade = 1",
    "routing.auto_cascade must be true or false",
  ],
  "a date": [BASE + "[server]\nbind = 2026-01-01", "server.bind must be a string"],
  "a name outside its list": [
    BASE + '[server]\nlog_level = "verbose"',
    'server.log_level must be "trace", "debug", "info", "warning" or "error"',
  ],
  "a number out of range": [
    BASE + "[routing]\nmax_policy_fallbacks = -1",
    "routing.max_policy_fallbacks must be a whole number from 0 to 100",
  ],
  "a share above 1": [
    BASE + "[routing]\nstrong_share = 20",
    "routing.strong_share must be a share of requests from 0 (none) to 1 (all)",
  ],
  "a time of zero": [
    BASE + "[server]\nbody_timeout_secs = 0",
    "server.body_timeout_secs must be a number of seconds above 0, at most 86400",
  ],
  "an infinite time": [
    BASE + "[server]\nbody_timeout_secs = inf",
    "server.body_timeout_secs must be a number of seconds above 0, at most 86400",
  ],
  "nan as a price": [
    BASE + "input_per_m = nan",
    "models.local.input_per_m must be a number of US dollars per million tokens, 0 or more",
  ],
  "an address without a port": [
    BASE + '[server]\nbind = "127.0.0.1"',
    "server.bind must be an address and a port from 0 to 65535; " +
    'for example "127.0.0.1:11435" or "[::1]:11435"',
  ],
  "an IPv6 address without brackets": [
    BASE + '[server]\nbind = "::1:11435"',
    "server.bind must be an address and a port from 0 to 65535; " +
    'for example "127.0.0.1:11435" or "[::1]:11435"',
  ],
  "a port that is too large": [
    BASE + '[server]\nbind = "127.0.0.1:65536"',
    "server.bind must be an address and a port from 0 to 65535; " +
    'for example "127.0.0.1:11435" or "[::1]:11435"',
  ],
  "any origin": [
    BASE + '[server]\nallowed_origins = ["*"]',
    'server.allowed_origins[0] must not hold "*"; ' +
    "any web page could spend your keys; list the origins that may",
  ],
  "an origin with a path": [
    BASE + '[server]\nallowed_origins = ["http://localhost:3000", "http://localhost/app"]',
    'server.allowed_origins[1] must be an origin; for example "http://localhost:3000"',
  ],
  "a host with a port": [
    BASE + '[server]\nallowed_hosts = ["router.lan:80"]',
    "server.allowed_hosts[0] must be a host name without scheme, port or path; " +
    'for example "router.lan"',
  ],
  "an array item of a wrong type": [
    BASE + "[server]\nallowed_hosts = [1]",
    "server.allowed_hosts[0] must be a string",
  ],
};

for (const [name, [text, problem]] of Object.entries(CASES)) {
  Deno.test(`parseConfig() tells ${name}`, async () => {
    assert.deepEqual(await problemsOf(text), [`config.toml: ${problem}`]);
  });
}

Deno.test("parseConfig() tells all problems at once", async () => {
  const text = `[server]
bind = "nowhere"
bnd = 1
colour = 2
[providers.groq]
[providers.ollama]
max_concurrency = 0
[models.auto]
provider = "nobody"
model_id = 5
[routing]
profile = "cheap"
[[rules]]
name = "r"
when = { tokns_in_gt = 1, has_tools = "yes" }
then = { primary = "nobody", cascade = ["nowhere"] }
[cascade]
min_output_tokens = 0.5
[typo]
`;
  assert.deepEqual(
    (await problemsOf(text)).map((line) => line.replace("config.toml: ", "").split(" ")[0]),
    [
      "typo",
      "server.bnd",
      "server.colour",
      "server.bind",
      "providers.groq.kind",
      "providers.groq.base_url",
      "providers.ollama.max_concurrency",
      "models.auto",
      "models.auto.model_id",
      "models.auto.provider",
      "routing.profile",
      "rules[0].when.tokns_in_gt",
      "rules[0].when.has_tools",
      "rules[0].then.primary",
      "rules[0].then.cascade[0]",
      "cascade.min_output_tokens",
    ],
  );
});
