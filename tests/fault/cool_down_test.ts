import assert from "node:assert/strict";
import { ASK, askFor, outcomesOf, SPARE_TEXT, withCascade } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { rowTest } from "../support/fault_row.ts";
import { SseClient } from "../support/sse_client.ts";
import { type Script, Upstream } from "../support/upstream.ts";
import { openaiChunk } from "../support/upstream_wire_openai.ts";

const ANSWER = "An answer that comes in the end, and is long enough.";

const ANSWERING: Script = (exchange) => exchange.answer({ text: [ANSWER] });

/** A daemon without rules: the policy takes the cheaper of two. */
function startByPolicy(cheap: Upstream, spare: Upstream): Promise<TestDaemon> {
  const model = "input_per_m = 0.1\noutput_per_m = 0.1";
  const models = [{ alias: "cheap", upstream: cheap, model }, { alias: "spare", upstream: spare }];
  return TestDaemon.start(tomlFor(models, { rules: "" }));
}

/** Makes the cheaper one fail, and waits until it may be tried again. */
async function failOnce(cheap: Upstream, daemon: TestDaemon): Promise<void> {
  const failing = askFor(daemon, false);
  await (await cheap.next()).sendWhole(503, {}, { "retry-after-ms": "30" });
  await failing;
  while ((await coolingOf(daemon)).length > 0);
}

async function coolingOf(daemon: TestDaemon): Promise<readonly Record<string, unknown>[]> {
  const response = await daemon.fetch("/readyz");
  return (await response.json())["cooling"];
}

rowTest("cool-down", {
  name: "a provider that is overloaded is skipped by the policy, and the reason is kept",
  body: async () => {
    const fail: Script = (exchange) => exchange.sendWhole(503, {}, { "retry-after": "60" });
    await using cheap = new Upstream("openai", fail);
    await using spare = new Upstream("openai", ANSWERING);
    await using daemon = await startByPolicy(cheap, spare);
    for (const stream of [true, false, true]) {
      assert.equal((await askFor(daemon, stream)).text, ANSWER);
    }
    assert.deepEqual([cheap.exchanges.length, spare.exchanges.length], [1, 3]);
    const { requests } = await daemon.ledger(3);
    assert.deepEqual(requests.map((row) => row["primary_model"]), ["cheap", "spare", "spare"]);
    assert.match(
      String(requests[1]?.["explanation"]),
      /belongs to cheap, which cools down after overloaded, \d+ s to go/,
    );
    const [entry] = await coolingOf(daemon);
    assert.deepEqual([entry?.["scope"], entry?.["name"]], ["provider", "cheap"]);
    assert.ok(Number(entry?.["remaining_ms"]) > 50_000);
  },
});

rowTest("cool-down", {
  name: "a rule's models are taken in its order, but for those that cool down",
  body: () =>
    withCascade(
      (exchange) => exchange.sendWhole(429, {}, { "retry-after": "60" }),
      async ({ first, spare, daemon }) => {
        for (const stream of [true, false]) {
          assert.equal((await askFor(daemon, stream)).text, SPARE_TEXT);
        }
        assert.deepEqual([first.exchanges.length, spare.exchanges.length], [1, 2]);
      },
    ),
});

rowTest("cool-down", {
  name: "who cools down is asked still when all others fail",
  body: async () => {
    const failFirst: Script = (exchange, position) =>
      position === 0
        ? exchange.sendWhole(503, {}, { "retry-after": "60" })
        : exchange.answer({ text: [ANSWER] });
    await using cheap = new Upstream("openai", failFirst);
    await using spare = new Upstream(
      "openai",
      (exchange, position) =>
        position === 0 ? exchange.answer({ text: [ANSWER] }) : exchange.sendWhole(500, {}),
    );
    await using daemon = await startByPolicy(cheap, spare);
    await askFor(daemon, true);
    const got = await askFor(daemon, true);
    assert.equal(got.text, ANSWER);
    const { attempts } = await daemon.ledger(2);
    assert.deepEqual(attempts.map((row) => `${row["alias"]}:${row["outcome"]}`), [
      "cheap:overloaded",
      "spare:ok",
      "spare:server_error",
      "cheap:ok",
    ]);
  },
});

rowTest("cool-down", {
  name: "after it one request finds out, the others wait for what comes of it",
  body: async () => {
    await using cheap = new Upstream("openai");
    await using spare = new Upstream("openai", ANSWERING);
    await using daemon = await startByPolicy(cheap, spare);
    await failOnce(cheap, daemon);
    const probing = askFor(daemon, false);
    const probe = await cheap.next();
    const [entry] = await coolingOf(daemon);
    assert.match(String(entry?.["reason"]), /tried by another request/);
    const others = await Promise.all([askFor(daemon, true), askFor(daemon, false)]);
    assert.deepEqual(others.map((got) => got.headers.get("x-pirouter-model")), ["spare", "spare"]);
    await probe.answer({ text: ["It works again, as it seems, so all is well."] });
    assert.equal((await probing).headers.get("x-pirouter-model"), "cheap");
    assert.deepEqual(await coolingOf(daemon), []);
    const after = askFor(daemon, false);
    await (await cheap.next()).answer({ text: [ANSWER] });
    assert.equal((await after).headers.get("x-pirouter-model"), "cheap");
  },
});

rowTest("cool-down", {
  name: "a client that leaves a probe lets the next request find out",
  body: async () => {
    await using cheap = new Upstream("openai");
    await using spare = new Upstream("openai", ANSWERING);
    await using daemon = await startByPolicy(cheap, spare);
    await failOnce(cheap, daemon);
    const client = new AbortController();
    const probing = daemon.chat({ ...ASK, "stream": true }, { signal: client.signal });
    probing.catch(() => "the client has left");
    const probe = await cheap.next();
    client.abort();
    await probe.clientLeft;
    await daemon.ledger(2);
    assert.deepEqual(await coolingOf(daemon), []);
  },
});

rowTest("cool-down", {
  name: "a departure from elsewhere leaves a probe alone, and its first token ends it",
  body: async () => {
    await using cheap = new Upstream("openai");
    await using spare = new Upstream("openai", ANSWERING);
    await using daemon = await startByPolicy(cheap, spare);
    const client = new AbortController();
    const silent = daemon.chat(ASK, { signal: client.signal });
    silent.catch(() => "the client has left");
    const silentExchange = await cheap.next();
    await failOnce(cheap, daemon);
    const probing = daemon.chat({ ...ASK, "stream": true });
    const probe = await cheap.next();
    client.abort();
    await silentExchange.clientLeft;
    await daemon.ledger(2);
    const [entry] = await coolingOf(daemon);
    assert.match(String(entry?.["reason"]), /tried by another request/);
    await probe.sendStreamHead();
    await probe.sendChunk(openaiChunk({ "content": "It works" }, null));
    const stream = new SseClient(await probing);
    assert.equal(await stream.nextText(), "It works");
    assert.deepEqual(await coolingOf(daemon), []);
    await probe.sendChunk(openaiChunk({}, "stop") + "data: [DONE]\n\n");
    await probe.endChunks();
    await stream.readAll();
  },
});

rowTest("cool-down", {
  name: "a provider that resets every connection cools down, though it answered before",
  body: async () => {
    const resets: Script = (exchange, position) =>
      position === 0 ? exchange.answer({ text: [ANSWER] }) : Promise.resolve(exchange.reset());
    await using cheap = new Upstream("openai", resets);
    await using spare = new Upstream("openai", ANSWERING);
    await using daemon = await startByPolicy(cheap, spare);
    for (let count = 0; count < 4; count++) {
      assert.equal((await askFor(daemon, false)).text, ANSWER);
    }
    const { attempts } = await daemon.ledger(4);
    assert.deepEqual(attempts.map((row) => `${row["alias"]}:${row["outcome"]}`), [
      "cheap:ok",
      "cheap:connect", // perhaps a connection that was closed while it was idle
      "cheap:connect",
      "spare:ok",
      "spare:ok",
      "spare:ok",
    ]);
  },
});

rowTest("cool-down", {
  name: "a whole provider that is limited is not asked model by model while another is well",
  body: async () => {
    await using limited = new Upstream(
      "openai",
      (exchange) => exchange.sendWhole(429, {}, { "retry-after": "5" }),
    );
    await using spare = new Upstream("openai", ANSWERING);
    const sibling = `[models.sibling]
provider = "limited"
model_id = "sibling-id"`;
    const toml = tomlFor([{ alias: "limited", upstream: limited }, {
      alias: "spare",
      upstream: spare,
    }], {
      rules: `${sibling}
[[rules]]
name = "all"
when = { always = true }
then = { primary = "limited", cascade = ["sibling", "spare"] }`,
    });
    await using daemon = await TestDaemon.start(toml);
    assert.equal((await askFor(daemon, true)).text, ANSWER);
    assert.deepEqual(await outcomesOf(daemon), ["limited:rate_limit", "spare:ok"]);
  },
});

rowTest("cool-down", {
  name: "faults of the request itself put nobody aside",
  body: async () => {
    const refuse: Script = (exchange, position) =>
      position === 0 ? exchange.sendWhole(400, {}) : exchange.answer({ text: [ANSWER] });
    await using cheap = new Upstream("openai", refuse);
    await using spare = new Upstream("openai", ANSWERING);
    await using daemon = await startByPolicy(cheap, spare);
    assert.equal((await askFor(daemon, false)).status, 400);
    assert.deepEqual(await coolingOf(daemon), []);
    assert.equal((await askFor(daemon, false)).headers.get("x-pirouter-model"), "cheap");
  },
});

rowTest("cool-down", {
  name: "a model that fails cools down alone: the others of its provider are asked",
  body: async () => {
    const script: Script = (exchange) =>
      exchange.body["model"] === "bad-id"
        ? exchange.sendWhole(500, {}, { "retry-after": "60" })
        : exchange.answer({ text: [ANSWER] });
    await using upstream = new Upstream("openai", script);
    const toml = tomlFor([{ alias: "bad", upstream }], {
      rules: `[models.good]
provider = "bad"
model_id = "good-id"
input_per_m = 5.0
output_per_m = 5.0`,
    });
    await using daemon = await TestDaemon.start(toml);
    for (const expected of ["2", "1"]) {
      const got = await askFor(daemon, false);
      assert.equal(got.headers.get("x-pirouter-model"), "good");
      assert.equal(got.headers.get("x-pirouter-attempts"), expected);
    }
    assert.deepEqual((await coolingOf(daemon)).map((entry) => entry["scope"]), ["model"]);
  },
});

rowTest("cool-down", {
  name: "a full queue of pirouter's own blames no provider",
  body: async () => {
    await using upstream = new Upstream("openai");
    const provider = "max_concurrency = 1";
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "lone", upstream, provider }]));
    const client = new AbortController();
    const asks = Array.from(
      { length: 258 },
      () =>
        daemon.chat(ASK, { signal: client.signal }).then(async (response) => {
          await response.body?.cancel();
          return { status: response.status, retryAfter: response.headers.get("retry-after") };
        }, () => null),
    );
    const refused = await Promise.race(asks);
    assert.equal(refused?.status, 429);
    assert.ok(Number(refused?.retryAfter) > 0);
    assert.deepEqual(await coolingOf(daemon), []);
    client.abort();
    await Promise.all(asks);
    await daemon.ledger(258);
    assert.equal(upstream.exchanges.length, 1);
  },
});
