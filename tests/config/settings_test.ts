import assert from "node:assert/strict";
import type { CompatFlags } from "../../src/core/provider.ts";
import { BASE, configOf } from "./sample.ts";

/** No flag is set. */
const NO_FLAGS: Readonly<Record<keyof CompatFlags, undefined>> = {
  vendor: undefined,
  stop: undefined,
  callIds: undefined,
  prefix: undefined,
  refusedFields: undefined,
  maxTokensField: undefined,
  developerRole: undefined,
  streamUsage: undefined,
  reasoningHistory: undefined,
  strict: undefined,
  cacheControl: undefined,
  jsonSchema: undefined,
  fixedSampling: undefined,
  thinking: undefined,
  sampling: undefined,
  prefill: undefined,
  structuredOutput: undefined,
};

Deno.test("parseConfig() fills in every default", async () => {
  const { server, ledger, routing, cascade, providers, catalog } = await configOf(BASE);
  assert.deepEqual(server, {
    hostname: "127.0.0.1",
    port: 11_435,
    logLevel: "info",
    maxBodyBytes: 64 * 1_048_576,
    bodyTimeoutMs: 30_000,
    keepAliveMs: 15_000,
    drainTimeoutMs: 30_000,
    allowedOrigins: [],
    allowedHosts: [],
  });
  assert.deepEqual(ledger, { path: null, retentionDays: null });
  assert.deepEqual(routing, {
    profile: "balanced",
    autoCascade: true,
    maxPolicyFallbacks: 3,
    unknownModel: "auto",
  });
  assert.deepEqual(cascade, {
    onHttpError: true,
    onShortResponse: false,
    minOutputTokens: 8,
    onMarker: null,
    streamHold: "auto",
    reasoning: "live",
    maxWaitMs: 10_000,
  });
  assert.deepEqual(providers.get("ollama"), {
    id: "ollama",
    kind: "ollama",
    baseUrl: "http://127.0.0.1:11434",
    apiKey: null,
    connectTimeoutMs: 10_000,
    requestTimeoutMs: 600_000,
    firstTokenTimeoutMs: 600_000,
    isFirstTokenFixed: false,
    idleTimeoutMs: 120_000,
    maxConcurrency: null,
    promptCache: true,
    keepAlive: null,
    discover: false,
    compat: NO_FLAGS,
  });
  assert.deepEqual(catalog.get("local"), {
    alias: "local",
    provider: "ollama",
    modelId: "llama3.2:3b",
    type: "chat",
    quality: "standard",
    price: { source: "local", inputUsdPerMTok: 0, outputUsdPerMTok: 0 },
    contextWindow: null,
    maxOutputTokens: null,
    supportsTools: false,
    supportsVision: false,
    local: true,
    enabled: true,
    unusable: null,
  });
});

Deno.test("parseConfig() reads every key of a provider", async () => {
  const config = await configOf(
    BASE + `[providers.x]
kind = "openai"
base_url = "https://HOST:8443/api/v1//"
api_key_env = "X_KEY"
connect_timeout_secs = 1
request_timeout_secs = 0.5
first_token_timeout_secs = 2
idle_timeout_secs = 3
max_concurrency = 4
compat = { max_tokens_field = "max_tokens", developer_role = false, stream_usage = false, reasoning_history = true }
`,
    { X_KEY: "k" },
  );
  const { apiKey, ...provider } = config.providers.get("x") ?? {};
  assert.equal(apiKey?.reveal(), "k");
  assert.deepEqual(provider, {
    id: "x",
    kind: "openai",
    baseUrl: "https://host:8443/api/v1",
    connectTimeoutMs: 1_000,
    requestTimeoutMs: 500,
    firstTokenTimeoutMs: 2_000,
    isFirstTokenFixed: true,
    idleTimeoutMs: 3_000,
    maxConcurrency: 4,
    promptCache: true,
    keepAlive: null,
    discover: false,
    compat: {
      ...NO_FLAGS,
      maxTokensField: "max_tokens",
      developerRole: false,
      streamUsage: false,
      reasoningHistory: true,
    },
  });
});

/** `bind` -> host and port. */
const BINDS: readonly (readonly [string, string, number])[] = [
  ["127.0.0.1:11435", "127.0.0.1", 11_435],
  ["0.0.0.0:0", "0.0.0.0", 0],
  ["[::1]:8080", "::1", 8_080],
  ["[::]:65535", "::", 65_535],
  ["localhost:80", "localhost", 80],
];

for (const [bind, hostname, port] of BINDS) {
  Deno.test(`bind = "${bind}" is ${hostname}, port ${port}`, async () => {
    const { server } = await configOf(`${BASE}[server]\nbind = "${bind}"`);
    assert.deepEqual([server.hostname, server.port], [hostname, port]);
  });
}

Deno.test("parseConfig() takes origins of desktop apps and names of hosts", async () => {
  const { server } = await configOf(
    BASE + '[server]\nallowed_origins = ["tauri://localhost"]\nallowed_hosts = ["Router.LAN"]',
  );
  assert.deepEqual(server.allowedOrigins, ["tauri://localhost"]);
  assert.deepEqual(server.allowedHosts, ["router.lan"]);
});
