import assert from "node:assert/strict";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { type RawRequest, type RawResponse, sendRaw } from "../support/raw_client.ts";
import { Upstream } from "../support/upstream.ts";

const CHAT = "/v1/chat/completions";
const JSON_TYPE = { "content-type": "application/json" };
const GOOD = '{"model":"auto","messages":[{"role":"user","content":"hi"}]}';
const MB = 1_048_576;

interface BadCase {
  readonly name: string;
  readonly request: RawRequest;
  readonly status: number;
  readonly code: string;
  readonly param?: string | null;
  readonly message?: RegExp;
}

function posted(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) {
  return { method: "POST", path: CHAT, body, headers: { ...JSON_TYPE, ...headers } };
}

function invalid(name: string, body: string, param: string | null): BadCase {
  return { name, request: posted(body), status: 400, code: "invalid_value", param };
}

function notJson(name: string, body: string | Uint8Array, message = /not valid JSON/): BadCase {
  return { name, request: posted(body), status: 400, code: "invalid_json", param: null, message };
}

function withMessage(fields: string): string {
  return `{"model":"auto","messages":[{${fields}}]}`;
}

const CASES: readonly BadCase[] = [
  notJson("a body that is not JSON", "{not json"),
  notJson("an empty body", "", /is empty/),
  notJson("a body that ends early", GOOD.slice(0, 20)),
  notJson("JSON that is 100,000 deep", "[".repeat(100_000) + "]".repeat(100_000), /nested more/),
  notJson("a body that is not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), /not UTF-8/),
  {
    ...notJson("a lone surrogate", withMessage('"role":"user","content":"\\ud800"'), /surrogate/),
    param: "messages[0].content",
  },
  invalid("a list", "[]", null),
  invalid("null", "null", null),
  invalid("no messages", '{"model":"auto"}', "messages"),
  invalid("empty messages", '{"model":"auto","messages":[]}', "messages"),
  invalid("messages of the wrong type", '{"messages":"hi"}', "messages"),
  invalid("a message that is no object", '{"messages":[5]}', "messages[0]"),
  invalid("a model of the wrong type", GOOD.replace('"auto"', "5"), "model"),
  invalid(
    "content of the wrong type",
    withMessage('"role":"user","content":5'),
    "messages[0].content",
  ),
  invalid("an unknown role", withMessage('"role":"robot","content":"x"'), "messages[0].role"),
  invalid("stream of the wrong type", GOOD.replace("{", '{"stream":"yes",'), "stream"),
  invalid("tools of the wrong type", GOOD.replace("{", '{"tools":{},'), "tools"),
  invalid("max_tokens of 0", GOOD.replace("{", '{"max_tokens":0,'), "max_tokens"),
  invalid(
    "__proto__ as a role",
    withMessage('"role":"__proto__","content":"x"'),
    "messages[0].role",
  ),
  {
    name: "another content-type",
    request: posted(GOOD, { "content-type": "text/plain" }),
    status: 415,
    code: "unsupported_media_type",
    message: /text\/plain/,
  },
  {
    name: "a body without content-type",
    request: { method: "POST", path: CHAT, body: GOOD },
    status: 415,
    code: "unsupported_media_type",
  },
  {
    name: "a compressed body",
    request: posted(GOOD, { "content-encoding": "gzip" }),
    status: 415,
    code: "unsupported_media_type",
    message: /gzip/,
  },
  {
    name: "a body that is declared over the cap",
    request: posted("x".repeat(2 * MB)),
    status: 413,
    code: "request_too_large",
    message: /larger than 1 MB/,
  },
  {
    name: "a chunked body over the cap",
    request: posted(chunked("x".repeat(2 * MB)), { "transfer-encoding": "chunked" }),
    status: 413,
    code: "request_too_large",
  },
  {
    name: "a body that does not come",
    request: posted(GOOD.slice(0, 10), { "content-length": "60" }),
    status: 408,
    code: "body_timeout",
  },
  { name: "an unknown path", request: { path: "/v1/nope" }, status: 404, code: "not_found" },
  { name: "the root", request: { path: "/" }, status: 404, code: "not_found" },
  { name: "a path of Object", request: { path: "/constructor" }, status: 404, code: "not_found" },
  {
    name: "a path with escaped control characters",
    request: { path: "/%E2%80%AE%0d%0a" },
    status: 404,
    code: "not_found",
  },
  { name: "another method", request: { path: CHAT }, status: 405, code: "method_not_allowed" },
  {
    name: "an unknown alias in the route header",
    request: posted(GOOD, { "x-pirouter-route": "only-won" }),
    status: 400,
    code: "unknown_alias",
    param: "x-pirouter-route",
    message: /Did you mean "only-one"\? Known aliases: only-one/,
  },
  {
    name: "an inherited name in the route header",
    request: posted(GOOD, { "x-pirouter-route": "constructor" }),
    status: 400,
    code: "unknown_alias",
    param: "x-pirouter-route",
  },
];

function chunked(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
}

function readError(response: RawResponse): Readonly<Record<string, unknown>> {
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
  const body = JSON.parse(response.body);
  assert.deepEqual(Object.keys(body), ["error"]);
  assert.deepEqual(Object.keys(body.error).sort(), ["code", "message", "param", "type"]);
  return body.error;
}

timedTest("bad input gets a 4xx in OpenAI's envelope that names what is wrong", async () => {
  await using upstream = new Upstream("openai", (exchange) => exchange.answer({ text: ["no"] }));
  const server = "max_body_mb = 1\nbody_timeout_secs = 0.2";
  const config = tomlFor([{ alias: "only-one", upstream }], { server, rules: "" });
  await using daemon = await TestDaemon.start(config);
  for (const { name, request, status, code, param, message } of CASES) {
    const response = await sendRaw(daemon.origin, request);
    const error = readError(response);
    assert.deepEqual([response.status, error["code"]], [status, code], name);
    assert.equal(error["type"], "invalid_request_error", name);
    assert.match(String(error["message"]), message ?? /./, name);
    assert.doesNotMatch(response.body, /[\u202e\r]/, name);
    if (param !== undefined) assert.equal(error["param"], param, name);
    assert.equal(response.headers.get("x-should-retry"), "false", name);
  }
  assert.equal(upstream.exchanges.length, 0);
  assert.deepEqual(daemon.readLedger().requests, []);
  assert.equal(await daemon.fetch("/healthz").then((response) => response.text()), "ok\n");
});

timedTest("a wrong method is told which ones there are", async () => {
  await using upstream = new Upstream("openai");
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }]));
  const table = [[CHAT, "POST"], ["/v1/models", "GET"], ["/v1/models/a", "GET"], [
    "/healthz",
    "GET",
  ]];
  for (const [path = "", allow = ""] of table) {
    const response = await sendRaw(daemon.origin, { method: "DELETE", path });
    assert.deepEqual([response.status, response.headers.get("allow")], [405, allow]);
  }
});

timedTest("a head that is not HTTP is refused and the daemon lives", async () => {
  await using upstream = new Upstream("openai");
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }]));
  const wrong = await sendRaw(daemon.origin, { method: "G E T" });
  assert.equal(wrong.status, 400);
  const smuggled = await sendRaw(daemon.origin, { headers: { "x-a": "b\nx-pirouter-route: c" } });
  assert.ok([400, 404].includes(smuggled.status));
  assert.equal(await daemon.fetch("/healthz").then((response) => response.text()), "ok\n");
});

timedTest(
  'unknown_model = "reject" makes an unknown model a 404 that lists the aliases',
  async () => {
    await using upstream = new Upstream("openai");
    const extra = { routing: 'unknown_model = "reject"', rules: "" };
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "known", upstream }], extra));
    const response = await sendRaw(daemon.origin, posted(GOOD.replace("auto", "gpt-unknown")));
    const error = readError(response);
    assert.deepEqual([response.status, error["code"], error["param"]], [
      404,
      "model_not_found",
      "model",
    ]);
    assert.match(String(error["message"]), /known/);
  },
);

timedTest("a request that no model can take is refused with each one's reason", async () => {
  await using upstream = new Upstream("openai");
  const model = "supports_vision = false";
  const config = tomlFor([{ alias: "blind", upstream, model }], { rules: "" });
  await using daemon = await TestDaemon.start(config);
  const image = { "type": "image_url", "image_url": { "url": "https://example.com/a.png" } };
  const response = await daemon.chat({
    "model": "auto",
    "messages": [{ "role": "user", "content": [image] }],
  });
  const { error } = await response.json();
  assert.deepEqual([response.status, error.code], [400, "no_candidate"]);
  assert.match(error.message, /blind does not support images/);
});

timedTest("a request that fits no window gets OpenAI's own overflow error", async () => {
  await using upstream = new Upstream("openai");
  const model = "context_window = 2000";
  const config = tomlFor([{ alias: "small", upstream, model }], { rules: "" });
  await using daemon = await TestDaemon.start(config);
  const content = "word ".repeat(4_000);
  const response = await daemon.chat({
    "model": "auto",
    "messages": [{ "role": "user", content }],
  });
  const { error } = await response.json();
  assert.deepEqual([response.status, error.code], [400, "context_length_exceeded"]);
  assert.match(error.message, /This model's maximum context length is 2000 tokens/);
});
