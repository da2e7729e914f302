import assert from "node:assert/strict";
import OpenAI from "openai";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { sendRaw } from "../support/raw_client.ts";
import { Upstream } from "../support/upstream.ts";

const CHAT = "/v1/chat/completions";
const LISTED = "https://app.example";

/** What a browser asks before the OpenAI SDK's request: https://fetch.spec.whatwg.org/#cors-preflight-fetch. */
const PREFLIGHT = {
  "access-control-request-method": "POST",
  "access-control-request-headers":
    "authorization,content-type,x-stainless-arch,x-stainless-lang,x-stainless-os," +
    "x-stainless-package-version,x-stainless-retry-count,x-stainless-runtime," +
    "x-stainless-runtime-version,x-stainless-timeout",
} as const;

const PRIVATE = { "access-control-request-private-network": "true" } as const;

async function withDaemon(use: (daemon: TestDaemon) => Promise<void>): Promise<void> {
  await using upstream = new Upstream("openai", (exchange) => exchange.answer({ text: ["hi"] }));
  await using daemon = await TestDaemon.start(
    tomlFor([{ alias: "a", upstream }], { server: `allowed_origins = ["${LISTED}"]` }),
  );
  await use(daemon);
}

function preflight(
  daemon: TestDaemon,
  headers: Readonly<Record<string, string>>,
  path = CHAT,
): ReturnType<typeof sendRaw> {
  return sendRaw(daemon.origin, { method: "OPTIONS", path, headers });
}

timedTest("the headers of a preflight are those that the OpenAI SDK sends", async () => {
  const sent: string[] = [];
  const client = new OpenAI({
    apiKey: "local",
    baseURL: "http://127.0.0.1:1/v1",
    dangerouslyAllowBrowser: true,
    maxRetries: 0,
    fetch: (_url, init) => {
      sent.push(...new Headers(init?.headers).keys());
      return Promise.resolve(Response.json({ "choices": [] }));
    },
  });
  await client.chat.completions.create({
    model: "auto",
    messages: [{ role: "user", content: "hi" }],
  });
  // A browser asks for no leave for these: https://fetch.spec.whatwg.org/#cors-safelisted-request-header.
  const safe = ["accept", "user-agent", "content-length"];
  const asked = PREFLIGHT["access-control-request-headers"].split(",");
  assert.deepEqual(sent.filter((name) => !safe.includes(name) && !asked.includes(name)), []);
});

timedTest(
  "a listed page may send what the OpenAI SDK sends, on every path",
  () =>
    withDaemon(async (daemon) => {
      for (const path of [CHAT, "/v1/embeddings", "/v1/models", "/v1/models/a", "/v1/responses"]) {
        const reply = await preflight(daemon, { ...PREFLIGHT, "origin": LISTED }, path);
        assert.deepEqual([reply.status, reply.body], [204, ""], path);
        const { headers } = reply;
        assert.equal(headers.get("access-control-allow-origin"), LISTED);
        assert.equal(
          headers.get("access-control-allow-headers"),
          PREFLIGHT["access-control-request-headers"],
        );
        assert.match(headers.get("access-control-allow-methods") ?? "", /GET, POST/);
        assert.equal(headers.has("access-control-allow-private-network"), false);
        for (const name of ["Origin", "Access-Control-Request-Headers"]) {
          assert.ok(headers.get("vary")?.split(", ").includes(name), `vary ${name}`);
        }
      }
    }),
);

timedTest(
  "an OPTIONS request that asks for no leave is no preflight",
  () =>
    withDaemon(async (daemon) => {
      const reply = await preflight(daemon, { "origin": LISTED });
      assert.equal(reply.status, 405);
      assert.equal(reply.headers.has("access-control-allow-methods"), false);
    }),
);

timedTest(
  "a listed page of the internet may reach this machine when its browser asks for that",
  () =>
    withDaemon(async (daemon) => {
      const reply = await preflight(daemon, { ...PREFLIGHT, ...PRIVATE, "origin": LISTED });
      assert.equal(reply.headers.get("access-control-allow-private-network"), "true");
      assert.match(reply.headers.get("vary") ?? "", /Access-Control-Request-Private-Network/);
    }),
);

timedTest(
  "a page that is not listed gets no leave of any kind",
  () =>
    withDaemon(async (daemon) => {
      for (const origin of ["https://evil.example", "null", `${LISTED}.evil.example`]) {
        for (const path of [CHAT, "/v1/responses"]) {
          const reply = await preflight(daemon, { ...PREFLIGHT, ...PRIVATE, origin }, path);
          assert.equal(reply.status, 403, origin);
          const names = [...reply.headers.keys()];
          assert.deepEqual(names.filter((name) => name.startsWith("access-control-")), []);
          assert.match(reply.headers.get("vary") ?? "", /Origin/);
        }
      }
    }),
);

timedTest(
  "a listed page can read the answer, the error of an unknown path, and their headers",
  () =>
    withDaemon(async (daemon) => {
      const cases = [
        { method: "GET", path: "/v1/models", status: 200 },
        { method: "POST", path: "/v1/responses", status: 404 },
      ];
      for (const { method, path, status } of cases) {
        const headers = { "origin": LISTED };
        const reply = await sendRaw(daemon.origin, { method, path, headers });
        assert.equal(reply.status, status);
        assert.equal(reply.headers.get("access-control-allow-origin"), LISTED);
        assert.match(
          reply.headers.get("access-control-expose-headers") ?? "",
          /x-pirouter-model.*x-request-id.*x-should-retry.*retry-after/,
        );
      }
    }),
);

timedTest(
  "a path that is not served says which are",
  () =>
    withDaemon(async (daemon) => {
      const reply = await sendRaw(daemon.origin, { method: "POST", path: "/v1/responses" });
      const { error } = JSON.parse(reply.body);
      assert.deepEqual([reply.status, error.code], [404, "not_found"]);
      assert.match(error.message, /set the client to chat completions/);
      assert.match(
        error.message,
        /POST \/v1\/chat\/completions, POST \/v1\/embeddings, POST \/v1\/completions, GET \/v1\/models\.$/,
      );
    }),
);
