import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { TestDaemon, type TestModel, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { completion, PassageUpstream, usageChunk } from "../support/passage_upstream.ts";
import { SseClient } from "../support/sse_client.ts";
import { Upstream } from "../support/upstream.ts";

const STREAMED = { "model": "auto", "prompt": "once", "stream": true };
const SHOWN = { "include_usage": true };

function post(
  daemon: TestDaemon,
  body: JsonObject,
  init: RequestInit = {},
): Promise<Response> {
  return daemon.fetch("/v1/completions", {
    ...init,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

interface Setting {
  readonly daemon: TestDaemon;
  readonly upstream: PassageUpstream;
}

async function withCompletions(
  use: (setting: Setting) => Promise<void>,
  model: Partial<TestModel> & { readonly server?: string } = {},
): Promise<void> {
  await using upstream = new PassageUpstream();
  const { server, ...rest } = model;
  const models = [{ alias: "text", upstream, ...rest }];
  await using daemon = await TestDaemon.start(tomlFor(models, server ? { server } : {}));
  await use({ daemon, upstream });
}

timedTest(
  "a completion is passed on and comes back under its alias",
  () =>
    withCompletions(async ({ daemon, upstream }) => {
      const body = { "model": "text", "prompt": "once", "max_tokens": 5, "suffix": "end" };
      const asked = post(daemon, body);
      const exchange = await upstream.next();
      const usage = { "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5 };
      await exchange.sendWhole(200, completion("upon", { end: "length", usage }));
      const response = await asked;
      assert.deepEqual(await response.json(), {
        ...completion("upon", { end: "length", usage }),
        "model": "text",
      });
      assert.equal(response.headers.get("x-pirouter-rule"), "completions");
      assert.equal(exchange.request.path, "/v1/completions");
      assert.deepEqual(exchange.body, { ...body, "model": "text-id" });
      const { requests: [row] } = await daemon.ledger();
      assert.deepEqual([row?.["input_tokens"], row?.["output_tokens"]], [3, 2]);
      assert.equal(row?.["cost_usd"], 7e-6);
    }),
);

timedTest(
  "a streamed completion is shown as it comes, without the usage that only the ledger asked for",
  () =>
    withCompletions(async ({ daemon, upstream }) => {
      const asked = post(daemon, STREAMED);
      const exchange = await upstream.next();
      assert.deepEqual(exchange.body["stream_options"], SHOWN);
      await exchange.sendStreamHead();
      await exchange.sendChunk(`data: ${JSON.stringify(completion("one", { usage: null }))}\n\n`);
      const client = new SseClient(await asked);
      assert.equal(client.response.headers.get("x-pirouter-model"), "text");
      const shown = (text: string, end: string | null = null) =>
        JSON.stringify({ ...completion(text, { end }), "model": "text" });
      assert.equal(await client.next(), shown("one")); // before the next piece was sent
      const last = JSON.stringify(completion(" two", { end: "stop" }));
      await exchange.sendChunk(`: ping\n\ndata: ${last}\n\n`);
      await exchange.sendChunk(`data: ${JSON.stringify(usageChunk(3, 4))}\n\ndata: [DONE]\n\n`);
      await exchange.endChunks();
      assert.deepEqual(await client.readAll(), [shown(" two", "stop"), "[DONE]"]);
      const { requests: [row], attempts: [attempt] } = await daemon.ledger();
      assert.deepEqual([row?.["status"], row?.["output_tokens"]], ["ok", 4]);
      assert.equal(row?.["stream"], 1);
      assert.equal(attempt?.["usage_source"], "provider");
      assert.equal(attempt["upstream_id"], "cmpl-1");
      assert.notEqual(attempt["ttft_ms"], null);
    }),
);

timedTest(
  "a client that asks for the usage of its stream gets it",
  () =>
    withCompletions(async ({ daemon, upstream }) => {
      const asked = post(daemon, { ...STREAMED, "stream_options": SHOWN });
      const bodies = [completion("one", { end: "stop", usage: null }), usageChunk(3, 4)];
      await (await upstream.next()).sendBodies(bodies);
      const all = await new SseClient(await asked).readAll();
      const expected = bodies.map((body) => JSON.stringify({ ...body, "model": "text" }));
      assert.deepEqual(all, [...expected, "[DONE]"]);
    }),
);

interface Ending {
  readonly name: string;
  /** What the upstream sends after one piece of text. */
  readonly end: (exchange: Awaited<ReturnType<Upstream["next"]>>) => Promise<void>;
  readonly outcome: string;
  readonly message: RegExp | null;
}

const ENDINGS: readonly Ending[] = [
  {
    name: "is cut",
    end: (exchange) => Promise.resolve(exchange.cut()),
    outcome: "truncated",
    message: /Upstream connection lost \(server_error\); please retry your request/,
  },
  {
    name: "ends without its end marker",
    end: (exchange) => exchange.endChunks(),
    outcome: "truncated",
    message: /truncated: the stream ended before the answer's end/,
  },
  {
    name: "has an error in it",
    end: async (exchange) => {
      await exchange.sendChunk(
        'data: {"error":{"message":"out of memory","type":"server_error"}}\n\n',
      );
      await exchange.endChunks();
    },
    outcome: "server_error",
    message: /out of memory/,
  },
  {
    name: "has an event that is no JSON",
    end: async (exchange) => {
      await exchange.sendChunk("data: {oops\n\n");
      await exchange.endChunks();
    },
    outcome: "malformed",
    message: /no JSON object/,
  },
  {
    name: "says why it ends, yet sends no [DONE]",
    end: async (exchange) => {
      await exchange.sendChunk(`data: ${JSON.stringify(completion("", { end: "stop" }))}\n\n`);
      await exchange.endChunks();
    },
    outcome: "ok",
    message: null,
  },
];

for (const { name, end, outcome, message } of ENDINGS) {
  timedTest(
    `a streamed completion that ${name} ends as ${outcome}`,
    () =>
      withCompletions(async ({ daemon, upstream }) => {
        const asked = post(daemon, STREAMED);
        const exchange = await upstream.next();
        await exchange.sendStreamHead();
        await exchange.sendChunk(`data: ${JSON.stringify(completion("one"))}\n\n`);
        const client = new SseClient(await asked);
        await client.next();
        await end(exchange);
        const all = await client.readAll();
        const dones = all.filter((data) => data === "[DONE]").length;
        assert.equal(dones, message === null ? 1 : 0);
        if (message !== null) assert.match(JSON.parse(all.at(-1) ?? "").error.message, message);
        const { requests: [row], attempts: [attempt] } = await daemon.ledger();
        assert.equal(attempt?.["outcome"], outcome);
        assert.equal(row?.["status"], message === null ? "ok" : "error");
        assert.equal(row["http_status"], 200);
      }),
  );
}

timedTest(
  "a streamed completion that fails before its first piece keeps the HTTP status",
  () =>
    withCompletions(async ({ daemon, upstream }) => {
      const asked = post(daemon, STREAMED);
      const error = { "message": "slow down", "type": "requests", "code": "rate_limit_exceeded" };
      await (await upstream.next()).sendWhole(429, { error }, { "retry-after": "7" });
      const response = await asked;
      assert.deepEqual([response.status, response.headers.get("retry-after")], [429, "7"]);
      assert.match((await response.json()).error.message, /slow down .*text at text: rate_limit/);
      assert.equal(response.headers.get("x-pirouter-rule"), "completions");
    }),
);

timedTest(
  "a silent stream shows a sign of life, and its error in the stream",
  () =>
    withCompletions(async ({ daemon, upstream }) => {
      const asked = post(daemon, STREAMED);
      const exchange = await upstream.next();
      const client = new SseClient(await asked);
      assert.equal(await client.next(), ": keep-alive");
      await exchange.sendWhole(500, { "error": { "message": "boom" } });
      const all = (await client.readAll()).filter((data) => !data.startsWith(":"));
      assert.equal(all.length, 1);
      assert.match(JSON.parse(all[0] ?? "").error.message, /boom/);
      const { requests: [row] } = await daemon.ledger();
      assert.deepEqual([row?.["status"], row?.["http_status"]], ["error", 200]);
    }, { server: "keep_alive_secs = 1" }),
);

for (const stream of [true, false]) {
  timedTest(
    `a client that leaves ends the upstream's work (stream ${stream})`,
    () =>
      withCompletions(async ({ daemon, upstream }) => {
        const leaving = new AbortController();
        const asked = post(daemon, { ...STREAMED, stream }, { signal: leaving.signal });
        const exchange = await upstream.next();
        leaving.abort();
        await assert.rejects(asked);
        await exchange.clientLeft;
        const { requests: [row], attempts: [attempt] } = await daemon.ledger();
        assert.deepEqual([row?.["status"], row?.["http_status"]], ["cancelled", 499]);
        assert.equal(attempt?.["outcome"], "cancelled");
      }),
  );
}

timedTest(
  "a server that answers a stream whole is shown as one piece",
  () =>
    withCompletions(async ({ daemon, upstream }) => {
      const asked = post(daemon, STREAMED);
      await (await upstream.next()).sendWhole(200, completion("all", { end: "stop" }));
      const all = await new SseClient(await asked).readAll();
      assert.equal(all.length, 2);
      assert.equal(JSON.parse(all[0] ?? "").choices[0].text, "all");
    }),
);

timedTest(
  "a server that refuses stream_options is asked without, and not asked again",
  () =>
    withCompletions(async ({ daemon, upstream }) => {
      const asked = post(daemon, STREAMED);
      await (await upstream.next()).sendWhole(400, {
        "error": {
          "message": "Unrecognized request argument supplied: stream_options",
          "type": "invalid_request_error",
          "param": null,
          "code": null,
        },
      });
      const second = await upstream.next();
      assert.equal(second.body["stream_options"], undefined);
      await second.sendBodies([completion("one", { end: "stop" })]);
      assert.equal((await new SseClient(await asked).readAll()).length, 2);
      const { attempts } = await daemon.ledger();
      assert.deepEqual(attempts.map((row) => [row["outcome"], row["usage_source"]]), [
        ["ok", "estimated"],
      ]);
      const again = post(daemon, STREAMED);
      const third = await upstream.next();
      assert.equal(third.body["stream_options"], undefined);
      await third.sendBodies([completion("two", { end: "stop" })]);
      await (await again).body?.cancel();
    }),
);

timedTest(
  "auto goes to a local model, else to the first whose provider has completions",
  async () => {
    await using far = new Upstream("anthropic");
    await using near = new PassageUpstream(
      "ollama",
      (exchange) => exchange.sendWhole(200, completion("local", { end: "stop" })),
    );
    await using cloud = new PassageUpstream(
      "openai",
      (exchange) => exchange.sendWhole(200, completion("cloud", { end: "stop" })),
    );
    const models = [{ alias: "claude", upstream: far }, { alias: "cloud", upstream: cloud }];
    const local = { alias: "local", upstream: near, model: "local = true" };
    const ask = async (given: readonly TestModel[], model: string) => {
      await using daemon = await TestDaemon.start(tomlFor(given));
      const response = await post(daemon, { model, "prompt": "once" });
      const { choices, error } = await response.json();
      return choices?.[0].text ?? error.code;
    };
    assert.equal(await ask([...models, local], "auto"), "local");
    assert.equal(await ask(models, "local-first"), "cloud");
    assert.equal(await ask(models, "gpt-3.5-turbo-instruct"), "cloud");
    assert.equal(await ask(models, "claude"), "unsupported_endpoint");
    assert.equal(await ask(models.slice(0, 1), "auto"), "no_candidate");
    assert.equal(cloud.exchanges[1]?.body["model"], "gpt-3.5-turbo-instruct");
  },
);

const BAD: readonly (readonly [JsonObject, string])[] = [
  [{}, "prompt"],
  [{ "prompt": [] }, "prompt"],
  [{ "prompt": "a", "stream": "yes" }, "stream"],
  [{ "prompt": "a", "n": 0 }, "n"],
  [{ "prompt": "a", "stream_options": { "include_usage": 1 } }, "stream_options.include_usage"],
];

timedTest(
  "a request for a completion that is wrong is refused with the field at fault",
  () =>
    withCompletions(async ({ daemon, upstream }) => {
      for (const [body, param] of BAD) {
        const response = await post(daemon, body);
        const { error } = await response.json();
        assert.deepEqual([response.status, error.param], [400, param], JSON.stringify(body));
      }
      assert.equal(upstream.exchanges.length, 0);
    }),
);
