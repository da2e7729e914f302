import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { ASK, askFor } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { readResponse } from "../support/got.ts";
import { timedTest } from "../support/deadline.ts";
import { type Exchange, Upstream } from "../support/upstream.ts";

const HELLO = { text: ["Hello from a model at home, at some length."] };

function shown(window: number, capabilities: readonly string[] = ["completion"]): JsonObject {
  const info = { "general.architecture": "a", "a.context_length": window };
  return { capabilities, "model_info": info, "details": { "parameter_size": "8B" } };
}

/** A config without any model: the server is to tell which it has. */
function discovering(upstream: Upstream): string {
  return `[server]\nbind = "127.0.0.1:0"\ndrain_timeout_secs = 2\n[providers.ollama]\n` +
    `base_url = "${upstream.baseUrl}"\ndiscover = true\nkeep_alive = "30m"\n`;
}

timedTest("a config without models serves what Ollama has", async () => {
  await using upstream = new Upstream("ollama", (exchange) => exchange.answer(HELLO));
  await upstream.ready;
  upstream.shownModels.set("qwen3:8b", shown(40_960, ["completion", "tools"]));
  upstream.shownModels.set("nomic-embed-text", shown(2_048, ["embedding"]));
  await using daemon = await TestDaemon.start(discovering(upstream));
  const list = await (await daemon.fetch("/v1/models")).json();
  const entries: readonly JsonObject[] = list.data;
  assert.equal(entries.find(({ id }) => id === "qwen3:8b")?.["context_window"], 40_960);
  assert.equal(entries.find(({ id }) => id === "nomic-embed-text")?.["type"], "embeddings");
  for (const model of ["auto", "qwen3:8b"]) {
    const response = await daemon.chat({ ...ASK, "model": model });
    assert.equal(response.headers.get("x-pirouter-model"), "qwen3:8b");
    await response.text();
  }
  assert.deepEqual(upstream.exchanges.map(({ body }) => [body["model"], body["keep_alive"]]), [
    ["qwen3:8b", "30m"],
    ["qwen3:8b", "30m"],
  ]);
  const { attempts } = await daemon.ledger(2);
  assert.equal(attempts[0]?.["cost_usd"], 0, "a model at home costs nothing");
});

timedTest("a daemon without its Ollama starts, and says that it has no model yet", async () => {
  const upstream = new Upstream("ollama");
  await upstream.ready;
  await upstream[Symbol.asyncDispose]();
  await using daemon = await TestDaemon.start(discovering(upstream));
  const response = await daemon.chat(ASK);
  assert.ok(response.status >= 400);
  assert.ok((await response.json()).error.message);
});

timedTest("a window that the config leaves open bounds what is asked for", async () => {
  await using upstream = new Upstream("ollama", (exchange) => exchange.answer(HELLO));
  await upstream.ready;
  upstream.shownModels.set("small:1b", shown(2_048));
  const model = `provider = "ollama"\nmodel_id = "small:1b"\nlocal = true`;
  const toml = discovering(upstream).replace("discover = true\n", "") +
    `[models.small]\n${model}\n`;
  await using daemon = await TestDaemon.start(toml);
  await askFor(daemon, false);
  assert.deepEqual(upstream.exchanges[0]?.body["options"], { "num_ctx": 2_048 });
  const long = [{ "role": "user", "content": "word ".repeat(9_000) }];
  const refused = await daemon.chat({ "model": "auto", "messages": long });
  assert.equal(refused.status, 400);
  assert.match(JSON.stringify(await refused.json()), /context_length_exceeded/);
  assert.equal(upstream.exchanges.length, 1, "nothing that can't fit is sent");
});

const LONG: JsonObject = {
  "model": "auto",
  "messages": [{ "role": "user", "content": "The fox jumps over the dog. ".repeat(2_000) }],
};

/** A server that reads the end of the prompt alone, as versions without `truncate` do. */
async function cutPrompt(exchange: Exchange): Promise<void> {
  await exchange.answer({ ...HELLO, usage: { input: 2_048, output: 9 } });
}

timedTest("an answer to the end of a long prompt is never served", async () => {
  await using upstream = new Upstream("ollama", cutPrompt);
  await using spare = new Upstream(
    "openai",
    (exchange) => exchange.answer({ text: ["All read."] }),
  );
  const models = [
    { alias: "home", upstream, model: "context_window = 40960" },
    { alias: "spare", upstream: spare },
  ];
  await using daemon = await TestDaemon.start(tomlFor(models));
  const response = await daemon.chat(LONG);
  assert.equal(response.headers.get("x-pirouter-model"), "spare");
  assert.equal((await response.json()).choices[0].message.content, "All read.");
  const { attempts } = await daemon.ledger();
  assert.deepEqual(attempts.map((row) => [row["outcome"], row["input_tokens"]])[0], [
    "context_overflow",
    2_048,
  ]);
});

timedTest("a stream that answers the end of a long prompt ends with an error", async () => {
  await using upstream = new Upstream("ollama", cutPrompt);
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "home", upstream }]));
  const text = await (await daemon.chat({ ...LONG, "stream": true })).text();
  assert.match(text, /"code":"context_length_exceeded"/);
  assert.match(text, /maximum context length is exceeded \(context_length_exceeded\): Ollama read/);
  assert.match(text, /Ollama read only 2048 tokens/);
  assert.doesNotMatch(text, /\[DONE\]|"finish_reason":"stop"/);
});

for (const stream of [true, false]) {
  const how = stream ? "streamed" : "whole";

  timedTest(`a new server's small count means that it read the rest before, ${how}`, async () => {
    await using upstream = new Upstream("ollama", cutPrompt);
    upstream.version = "0.30.0";
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "home", upstream }]));
    const { text, status, finish } = await readResponse(await daemon.chat({ ...LONG, stream }));
    assert.deepEqual([status, text, finish], [200, ...HELLO.text, "stop"]);
    const { attempts } = await daemon.ledger();
    assert.deepEqual(attempts.map((row) => row["outcome"]), ["ok"]);
  });
}

timedTest("an error of a cut prompt names no window that the prompt would fit into", async () => {
  await using upstream = new Upstream("ollama", cutPrompt);
  const models = [{ alias: "home", upstream, model: "context_window = 40960" }];
  await using daemon = await TestDaemon.start(tomlFor(models));
  const { status, error } = await readResponse(await daemon.chat(LONG));
  assert.deepEqual([status, error?.["code"]], [400, "context_length_exceeded"]);
  assert.match(String(error?.["message"]), /^This model's maximum context length is exceeded/);
  assert.doesNotMatch(String(error?.["message"]), /40960|resulted in/);
});

for (const stream of [true, false]) {
  const how = stream ? "streamed" : "whole";

  timedTest(`a good answer outlives a server that does not say what it is, ${how}`, async () => {
    // A third of the estimate: no usual window, and too much for what is left of a cut prompt.
    await using upstream = new Upstream(
      "ollama",
      (exchange) => exchange.answer({ ...HELLO, usage: { input: 5_000, output: 9 } }),
    );
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "home", upstream }]));
    for (const count of [1, 2]) {
      const { text, status, finish } = await readResponse(await daemon.chat({ ...LONG, stream }));
      assert.deepEqual([status, text, finish], [200, ...HELLO.text, "stop"]);
      assert.equal(upstream.versionCount, count, "a question without an answer is asked again");
    }
  });
}

timedTest("a server says once what it is, and may take its time", async () => {
  await using upstream = new Upstream("ollama", cutPrompt);
  upstream.version = "0.30.0";
  upstream.versionDelayMs = 1_200;
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "home", upstream }]));
  for (const stream of [false, true, false]) {
    const { text, status } = await readResponse(await daemon.chat({ ...LONG, stream }));
    assert.deepEqual([status, text], [200, ...HELLO.text]);
  }
  assert.equal(upstream.versionCount, 1);
});

timedTest("what a model thought returns to it, and the window stays", async () => {
  await using upstream = new Upstream(
    "ollama",
    (exchange) => exchange.answer({ ...HELLO, reasoning: ["Hm."] }),
  );
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "home", upstream }]));
  const question = { "role": "user", "content": "Who is there?" };
  const first = await (await daemon.chat({ "model": "auto", "messages": [question] })).json();
  const { content } = first.choices[0].message;
  const messages = [question, { "role": "assistant", content }, question];
  await (await daemon.chat({ "model": "auto", messages })).text();
  const sent = Object(upstream.exchanges[1]?.body["messages"]);
  assert.deepEqual(sent[1], { "role": "assistant", "content": content, "thinking": "Hm." });
});
