/** However many faults a config has, each is told once, whatever else is wrong beside it. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { stringify } from "smol-toml";
import { problemsOf } from "./sample.ts";

/** One fault: where it is put, what is put there (undefined: the key is left out), where it is told. */
interface Fault {
  readonly place: readonly string[];
  readonly value: unknown;
  readonly told: string;
}

function fault(place: string, value: unknown, told = place): Fault {
  return { place: place.split("/"), value, told: told.replaceAll("/", ".") };
}

/** Faults of which any may stand beside any other. */
const FAULTS: readonly Fault[] = [
  fault("server/bind", "x"),
  fault("server/port", 5),
  fault("server/log_level", "loud"),
  fault("server/body_timeout_secs", "x"),
  fault("server/allowed_hosts", ["ok", 5, "a b"], "server.allowed_hosts[1]"),
  fault("ledger/retention_days", 0),
  fault("providers/lan/request_timeout_secs", "x"),
  fault("providers/lan/kind", "opnai"),
  fault("providers/lan/base_url", "nope"),
  fault("providers/lan/api_key_env", "sk-not-a-variable"),
  fault("providers/lan/compat/stream_usage", 1),
  fault("providers/lan/compat/quirk", true),
  fault("models/a/provider", "nobody"),
  fault("models/a/model_id", undefined),
  fault("models/a/quality", "x"),
  fault("models/a/context_window", -1),
  fault("models/a/colour", "red"),
  fault("models/a/enabled", "yes"),
  fault("routing/profile", "cheap"),
  fault("routing/auto_cascade", 1),
  fault("rules/0/name", undefined, "rules[0].name"),
  fault("rules/0/when/tokns", 1, "rules[0].when.tokns"),
  fault("rules/0/when/has_images", 5, "rules[0].when.has_images"),
  fault("rules/0/then/primary", "nothing", "rules[0].then.primary"),
  fault("rules/0/then/cascade", ["a", 5, "nowhere"], "rules[0].then.cascade[1]"),
  fault("rules/0/then/fallback", "a", "rules[0].then.fallback"),
  fault("rules/1/when", undefined, "rules[1].when"),
  fault("rules/1/then/primary", undefined, "rules[1].then.primary"),
  fault("cascade/min_output_tokens", 0.5),
  fault("cascade/stream_hold", "never"),
  fault("telemetry", 1),
];

/** Two of the faults have a second bad item in their array. */
const SECOND_ITEMS: Readonly<Record<string, string>> = {
  "server.allowed_hosts[1]": "server.allowed_hosts[2]",
  "rules[0].then.cascade[1]": "rules[0].then.cascade[2]",
};

function plant(faults: readonly Fault[]): string {
  const root: Record<string, unknown> = {
    "server": { "bind": "127.0.0.1:0" },
    "ledger": {},
    "providers": { "lan": { "kind": "openai", "base_url": "http://127.0.0.1:1", "compat": {} } },
    "models": { "a": { "provider": "lan", "model_id": "x" }, "b": { ...modelOf("lan") } },
    "routing": {},
    "rules": [
      { "name": "r", "when": { "has_tools": true }, "then": { "primary": "b" } },
      { "name": "s", "when": { "difficulty": "easy" }, "then": { "primary": "b" } },
    ],
    "cascade": {},
  };
  for (const { place, value } of faults) put(root, place, value);
  return stringify(root);
}

function modelOf(provider: string): Readonly<Record<string, string>> {
  return { "provider": provider, "model_id": "y" };
}

function put(root: Record<string, unknown>, place: readonly string[], value: unknown): void {
  const key = place.at(-1) ?? "";
  const parent = place.slice(0, -1).reduce<unknown>(
    (at, step) => Reflect.get(Object(at), step),
    root,
  );
  if (value === undefined) Reflect.deleteProperty(Object(parent), key);
  else Reflect.set(Object(parent), key, value);
}

async function placesOf(text: string): Promise<readonly string[]> {
  const lines = await problemsOf(text);
  return lines.map((line) => line.replace("config.toml: ", "").split(" ")[0] ?? "").toSorted();
}

Deno.test("the config that the faults are planted in has none", async () => {
  assert.deepEqual(await problemsOf(plant([])), []);
});

Deno.test("parseConfig() tells each of N independent faults once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.subarray([...FAULTS], { minLength: 1 }), async (faults) => {
      const expected = faults.flatMap(({ told }) => [told, SECOND_ITEMS[told] ?? []].flat());
      assert.deepEqual(await placesOf(plant(faults)), expected.toSorted());
    }),
    { seed: 4, numRuns: 150, examples: [[[...FAULTS]]] },
  );
});

Deno.test("parseConfig() tells a rule behind `always` as unreachable whatever else is wrong", async () => {
  const text = `[server]
bind = "x"
port = 5
[providers.ollama]
request_timeout_secs = "x"
base_url = "nope"
[models.a]
provider = "olama"
quality = "x"
model_id = "x"
[[rules]]
name = "q"
when = { always = true }
then = { primary = "a" }
[[rules]]
name = "b"
when = { tokns = 1 }
then = { primary = "a" }
[[rules]]
name = "c"
then = { primary = "zz" }
`;
  assert.deepEqual(await placesOf(text), [
    "models.a.provider",
    "models.a.quality",
    "providers.ollama.base_url",
    "providers.ollama.request_timeout_secs",
    "rules[1]",
    "rules[1].when.tokns",
    "rules[2]",
    "rules[2].then.primary",
    "rules[2].when",
    "server.bind",
    "server.port",
  ]);
});
