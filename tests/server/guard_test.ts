import assert from "node:assert/strict";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { sendRaw } from "../support/raw_client.ts";
import { Upstream } from "../support/upstream.ts";

const CHAT = "/v1/chat/completions";
const LISTED = "http://localhost:3000";
const BODY = '{"model":"auto","messages":[{"role":"user","content":"hi"}]}';
const SERVER = `allowed_origins = ["${LISTED}"]\nallowed_hosts = ["router.lan"]`;

type Headers = Readonly<Record<string, string>>;

async function withDaemon(
  use: (daemon: TestDaemon, upstream: Upstream) => Promise<void>,
): Promise<void> {
  await using upstream = new Upstream("openai", (exchange) =>
    exchange.sendWhole(
      200,
      {
        "id": "x",
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": "yes" } }],
      },
      { "set-cookie": "session=upstream", "x-vendor": "v", "openai-organization": "org" },
    ));
  await using daemon = await TestDaemon.start(
    tomlFor([{ alias: "a", upstream }], { server: SERVER }),
  );
  await use(daemon, upstream);
}

const FOREIGN: readonly (readonly [string, Headers, string])[] = [
  ["a foreign host", { "host": "evil.example" }, "forbidden_host"],
  ["a foreign host with the port", { "host": "evil.example:11435" }, "forbidden_host"],
  ["a host that begins like loopback", { "host": "127.0.0.1.evil.example" }, "forbidden_host"],
  ["an address that is not bound", { "host": "192.168.0.1" }, "forbidden_host"],
  ["an empty host", { "host": "" }, "forbidden_host"],
  ["a foreign origin", { "origin": "https://evil.example" }, "forbidden_origin"],
  ["a null origin", { "origin": "null" }, "forbidden_origin"],
  ["an origin like a listed one", { "origin": `${LISTED}.evil.example` }, "forbidden_origin"],
  ["another site", { "sec-fetch-site": "cross-site" }, "forbidden_origin"],
];

timedTest(
  "foreign hosts and foreign web pages are refused on every path, before anything is read",
  () =>
    withDaemon(async (daemon, upstream) => {
      for (const [name, headers, code] of FOREIGN) {
        for (const path of [CHAT, "/v1/models", "/healthz", "/readyz", "/nope"]) {
          const method = path === CHAT ? "POST" : "GET";
          const response = await sendRaw(daemon.origin, { method, path, headers });
          const { error } = JSON.parse(response.body);
          assert.deepEqual([response.status, error.code], [403, code], `${name} at ${path}`);
          assert.equal(response.headers.has("access-control-allow-origin"), false, name);
        }
      }
      assert.equal(upstream.exchanges.length, 0);
    }),
);

const KNOWN: readonly Headers[] = [
  { "host": "localhost" },
  { "host": "LOCALHOST:11435" },
  { "host": "127.0.0.1:1" },
  { "host": "[::1]:11435" },
  { "host": "router.lan" },
  { "sec-fetch-site": "same-origin" },
  { "origin": LISTED, "sec-fetch-site": "cross-site" },
];

timedTest(
  "loopback, listed hosts and listed origins are served",
  () =>
    withDaemon(async (daemon) => {
      for (const headers of KNOWN) {
        const response = await sendRaw(daemon.origin, { path: "/healthz", headers });
        assert.deepEqual([response.status, response.body], [200, "ok\n"], JSON.stringify(headers));
      }
    }),
);

timedTest("a listed page can read its answer and its errors", () =>
  withDaemon(async (daemon) => {
    const headers = { "origin": LISTED, "content-type": "application/json" };
    for (const [body, status] of [[BODY, 200], ["{", 400]] as const) {
      const response = await sendRaw(daemon.origin, { method: "POST", path: CHAT, headers, body });
      assert.equal(response.status, status);
      assert.equal(response.headers.get("access-control-allow-origin"), LISTED);
      assert.match(response.headers.get("access-control-expose-headers") ?? "", /x-pirouter-model/);
    }
  }));

timedTest(
  "nothing of the client's headers goes upstream, nothing of the upstream's comes back",
  () =>
    withDaemon(async (daemon, upstream) => {
      const response = await sendRaw(daemon.origin, {
        method: "POST",
        path: CHAT,
        headers: {
          "content-type": "application/json",
          "authorization": "Bearer client-secret",
          "cookie": "session=client-secret",
          "x-forwarded-for": "10.0.0.1",
          "x-api-key": "client-secret",
          "proxy-authorization": "Basic client-secret",
          "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        },
        body: BODY,
      });
      assert.equal(response.status, 200);
      const { headers } = upstream.exchanges[0]?.request ?? {};
      assert.deepEqual([...(headers?.keys() ?? [])].sort(), [
        "accept",
        "accept-encoding",
        "accept-language",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "user-agent",
      ]);
      assert.doesNotMatch(JSON.stringify([...(headers ?? [])]), /client-secret/);
      assert.doesNotMatch(response.raw, /set-cookie|x-vendor|openai-organization/i);
    }),
);

timedTest(
  "fields of the body that name a URL or a key are never used",
  () =>
    withDaemon(async (daemon, upstream) => {
      await using elsewhere = new Upstream(
        "openai",
        (exchange) => exchange.answer({ text: ["stolen"] }),
      );
      const { baseUrl } = elsewhere;
      const response = await daemon.chat({
        "model": "auto",
        "messages": [{ "role": "user", "content": "hi" }],
        "extra_body": { "api_base": baseUrl, "api_key": "client-secret" },
        "metadata": { "base_url": baseUrl },
      });
      await response.text();
      assert.equal(elsewhere.exchanges.length, 0);
      assert.equal(upstream.exchanges.length, 1);
      upstream.violations.length = 0; // unknown fields go on to OpenAI-dialect servers, which may know them
    }),
);
