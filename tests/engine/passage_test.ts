import assert from "node:assert/strict";
import { CANARY_KEY, type TestDaemon } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { withPassage } from "../support/passage_case.ts";
import { completion, embeddingsAnswer } from "../support/passage_upstream.ts";
import { SseClient } from "../support/sse_client.ts";
import type { Script } from "../support/upstream.ts";

async function readCooling(daemon: TestDaemon): Promise<readonly string[]> {
  const { cooling } = await (await daemon.fetch("/readyz")).json();
  return cooling.map((entry: Record<string, unknown>) => `${entry["scope"]} ${entry["name"]}`);
}

timedTest(
  "a connection that was closed as it was used is tried once more, as one attempt",
  () =>
    withPassage(async ({ daemon, upstream, embed }) => {
      await (await embed()).body?.cancel();
      const response = await embed();
      assert.equal(response.status, 200);
      await response.body?.cancel();
      assert.equal(upstream.exchanges.length, 3);
      const { attempts } = await daemon.ledger(2);
      assert.deepEqual(attempts.map((row) => row["outcome"]), ["ok", "ok"]);
      assert.deepEqual(await readCooling(daemon), []);
    }, {
      script: (exchange, position) => {
        if (position !== 1) return exchange.sendWhole(200, embeddingsAnswer("x"));
        return Promise.resolve(exchange.cut());
      },
    }),
);

timedTest(
  "a new connection that breaks is a fault, and nobody is asked twice",
  () =>
    withPassage(async ({ daemon, upstream, embed }) => {
      const response = await embed();
      assert.equal(response.status, 502);
      assert.match((await response.json()).error.message, /1 attempt: embed at embed: connect/);
      assert.equal(upstream.exchanges.length, 1);
      const { requests: [row], attempts: [attempt] } = await daemon.ledger();
      assert.deepEqual([row?.["status"], row?.["http_status"], row?.["final_model"]], [
        "error",
        502,
        null,
      ]);
      assert.equal(attempt?.["outcome"], "connect");
      assert.equal(row?.["cost_usd"], 0);
      assert.deepEqual(await readCooling(daemon), ["provider embed"]);
    }, { script: (exchange) => Promise.resolve(exchange.cut()) }),
);

timedTest(
  "a provider gets no more requests at once than it may have",
  () =>
    withPassage(async ({ daemon, upstream, embed }) => {
      const first = embed();
      const exchange = await upstream.next();
      const second = embed();
      await (await daemon.fetch("/healthz")).body?.cancel();
      assert.equal(upstream.exchanges.length, 1);
      await exchange.sendWhole(200, embeddingsAnswer("x"));
      await (await first).body?.cancel();
      await (await upstream.next()).sendWhole(200, embeddingsAnswer("x"));
      assert.equal((await second).status, 200);
      await (await second).body?.cancel();
    }, { provider: "max_concurrency = 1" }),
);

timedTest(
  "a stream of text waits for its place as long as it must, whatever its client's limit",
  () =>
    withPassage(async ({ upstream, complete }) => {
      const first = complete();
      const exchange = await upstream.next();
      const startedAt = performance.now();
      const streamed = await complete({ "stream": true }, { "x-stainless-timeout": "0.2" });
      const reader = streamed.body?.getReader() ?? assert.fail("no body");
      const decoder = new TextDecoder();
      let seen = ""; // signs of life: the stream has no place yet, and the client's limit is over
      while (performance.now() - startedAt < 300 || !seen.includes(":")) {
        seen += decoder.decode((await reader.read()).value);
      }
      await exchange.sendWhole(200, completion("one", { end: "stop" }));
      await (await first).body?.cancel();
      await (await upstream.next()).sendBodies([completion("two", { end: "stop" })]);
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        seen += decoder.decode(read.value);
      }
      assert.match(seen, /data: \[DONE\]\n\n$/);
    }, { provider: "max_concurrency = 1" }),
);

timedTest(
  "those who wait for a probe need not wait for the end of its stream of text",
  () =>
    withPassage(async ({ daemon, upstream, complete }) => {
      const failed = complete();
      await (await upstream.next()).sendWhole(503, {}, { "retry-after": "0" });
      await (await failed).body?.cancel();
      const streamed = complete({ "stream": true });
      const exchange = await upstream.next();
      await exchange.sendStreamHead();
      await exchange.sendChunk(`data: ${JSON.stringify(completion("one"))}\n\n`);
      const client = new SseClient(await streamed);
      await client.next(); // the first token has reached the client: the model works
      assert.deepEqual(await readCooling(daemon), []);
      await exchange.sendChunk(`data: ${JSON.stringify(completion("", { end: "stop" }))}\n\n`);
      await exchange.sendChunk("data: [DONE]\n\n");
      await exchange.endChunks();
      assert.equal((await client.readAll()).at(-1), "[DONE]");
    }),
);

timedTest(
  "a stream of text that ends before it began is an empty answer",
  () =>
    withPassage(async ({ daemon, complete }) => {
      const response = await complete({ "stream": true });
      assert.equal(response.status, 502);
      await response.body?.cancel();
      const { attempts: [attempt] } = await daemon.ledger();
      assert.equal(attempt?.["outcome"], "empty");
    }, {
      script: async (exchange) => {
        await exchange.sendStreamHead();
        await exchange.sendChunk("data: [DONE]\n\n");
        await exchange.endChunks();
      },
    }),
);

timedTest(
  "an answer that comes too late is an error in time for its client",
  () =>
    withPassage(async ({ daemon, embed }) => {
      const response = await embed({ "x-stainless-timeout": "0.2" });
      assert.deepEqual([response.status, (await response.json()).error.code], [
        504,
        "request_deadline",
      ]);
      assert.deepEqual(await readCooling(daemon), []); // the upstream is not to blame
    }, { script: async () => {} }),
);

timedTest(
  "an answer that takes longer than the provider's limit is a time-out",
  () =>
    withPassage(async ({ daemon, upstream, complete }) => {
      const response = await complete();
      assert.equal(response.status, 504);
      assert.match((await response.json()).error.message, /no answer within 1 s/);
      assert.equal(upstream.exchanges[0]?.isClientGone, true);
      assert.deepEqual(await readCooling(daemon), ["model text"]);
    }, { script: async () => {}, provider: "request_timeout_secs = 1" }),
);

timedTest("a stream that falls silent is a time-out", () =>
  withPassage(async ({ complete }) => {
    const client = new SseClient(await complete({ "stream": true }));
    const all = await client.readAll();
    assert.equal(all.includes("[DONE]"), false);
    assert.match(JSON.parse(all.at(-1) ?? "").error.message, /no further token within 1 s/);
  }, {
    script: async (exchange) => {
      await exchange.sendStreamHead();
      await exchange.sendChunk(`data: ${JSON.stringify(completion("one"))}\n\n`);
    },
    provider: "idle_timeout_secs = 1",
  }));

interface BadAnswer {
  readonly name: string;
  readonly script: Script;
  readonly status: number;
  readonly message: RegExp;
}

const BAD_ANSWERS: readonly BadAnswer[] = [
  {
    name: "an error that echoes the key",
    script: (exchange) =>
      exchange.sendWhole(401, { "error": { "message": `bad key ${CANARY_KEY}` } }),
    status: 401,
    message: /bad key \[redacted\]/,
  },
  {
    name: "a 404 without a body",
    script: (exchange) => exchange.sendWhole(404, "404 page not found"),
    status: 404,
    message: /has it an endpoint \/embeddings\?/,
  },
  {
    name: "a web page",
    script: (exchange) => exchange.sendWhole(200, "<html>", { "content-type": "text/html" }),
    status: 502,
    message: /a web page; check the provider's base_url/,
  },
  {
    name: "no JSON",
    script: (exchange) => exchange.sendWhole(200, "{"),
    status: 502,
    message: /a body that is no JSON object/,
  },
  {
    name: "another object",
    script: (exchange) => exchange.sendWhole(200, { "models": [] }),
    status: 502,
    message: /a body that is no answer of \/embeddings/,
  },
  {
    name: "an error with a status of success",
    script: (exchange) => exchange.sendWhole(200, { "error": { "message": "overloaded" } }),
    status: 502,
    message: /overloaded/,
  },
  {
    name: "a redirect",
    script: (exchange) => exchange.sendWhole(307, "", { "location": "http://127.0.0.1:1/" }),
    status: 502,
    message: /a redirect \(HTTP 307\), which is never followed/,
  },
];

for (const { name, script, status, message } of BAD_ANSWERS) {
  timedTest(
    `an upstream that answers with ${name} is told as HTTP ${status}`,
    () =>
      withPassage(async ({ embed }) => {
        const response = await embed();
        const { error } = await response.json();
        assert.deepEqual(Object.keys(error), ["message", "type", "param", "code"]);
        assert.deepEqual(
          [response.status, message.test(error.message)],
          [status, true],
          error.message,
        );
        assert.equal(response.headers.get("x-pirouter-attempts"), "1");
      }, { script }),
  );
}

timedTest(
  "of a model that is known by a client's name alone no failure is kept",
  () =>
    withPassage(async ({ daemon, complete }) => {
      const response = await complete({ "model": "gpt-3.5-turbo-instruct" });
      assert.equal(response.status, 502);
      await response.body?.cancel();
      assert.deepEqual(await readCooling(daemon), []);
    }, { script: (exchange) => exchange.sendWhole(500, { "error": { "message": "boom" } }) }),
);

timedTest(
  "a daemon that stops tells those who still wait",
  () =>
    withPassage(async ({ daemon, upstream, embed, complete }) => {
      const whole = embed();
      await upstream.next();
      const streamed = complete({ "stream": true });
      const exchange = await upstream.next();
      await exchange.sendStreamHead();
      await exchange.sendChunk(`data: ${JSON.stringify(completion("one"))}\n\n`);
      const client = new SseClient(await streamed);
      await client.next();
      const closed = daemon.close();
      const response = await whole;
      assert.deepEqual([response.status, (await response.json()).error.code], [
        503,
        "router_stopping",
      ]);
      const all = await client.readAll();
      assert.equal(JSON.parse(all.at(-1) ?? "").error.code, "router_stopping");
      await closed;
      assert.deepEqual(daemon.readLedger().requests.map((row) => row["status"]), [
        "error",
        "error",
      ]);
    }),
);
