import assert from "node:assert/strict";
import { KINDS } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest, within } from "../support/deadline.ts";
import { SseClient } from "../support/sse_client.ts";
import { assertQuick } from "../support/time_limit.ts";
import { Upstream } from "../support/upstream.ts";
import { streamEvents } from "../support/upstream_wire.ts";
import { openaiChunk } from "../support/upstream_wire_openai.ts";

const ASK = { "model": "auto", "messages": [{ "role": "user", "content": "Count" }] } as const;
const STREAMED = { ...ASK, "stream": true } as const;
const DONE = "[DONE]";

for (const kind of KINDS) {
  timedTest(
    `each delta of ${kind} reaches the client before the upstream sends the next`,
    async () => {
      await using upstream = new Upstream(kind);
      await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }]));
      const response = daemon.chat(STREAMED);
      const exchange = await upstream.next();
      await exchange.sendStreamHead();
      const text = ["zero ", "one ", "two ", "three ", "four"];
      const events = streamEvents(kind, { text });
      let client: SseClient | null = null;
      let seen = "";
      for (const event of events) {
        await exchange.sendChunk(event);
        const piece = text.find((token) => event.includes(JSON.stringify(token)));
        if (piece === undefined) continue;
        client ??= new SseClient(await within(response, "the response's head"));
        while (!seen.endsWith(piece)) seen += await client.nextText();
      }
      assert.equal(seen, text.join(""));
      await exchange.endChunks();
      const rest = await client?.readAll();
      assert.equal(rest?.filter((data) => data === DONE).length, 1);
      assert.equal(rest?.at(-1), DONE);
    },
  );

  timedTest(
    `each piece of a tool call of ${kind} is streamed as a delta with its index`,
    async () => {
      await using upstream = new Upstream(kind, (exchange) =>
        exchange.answer({
          calls: [
            { id: "call_1", name: "first", arguments: '{"a":1}' },
            { id: "call_2", name: "second", arguments: "{}" },
          ],
        }));
      await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }]));
      const tools = ["first", "second"].map((name) => ({
        "type": "function",
        "function": { name, "parameters": { "type": "object", "properties": {} } },
      }));
      const client = new SseClient(await daemon.chat({ ...STREAMED, tools }));
      const calls = new Map<number, { name: string; args: string; ids: string[] }>();
      for (const chunk of await client.readChunks()) {
        for (const delta of chunk.choices[0]?.delta["tool_calls"] ?? []) {
          const call = calls.get(delta.index) ?? { name: "", args: "", ids: [] };
          if (delta.id !== undefined) call.ids.push(delta.id);
          call.name += delta.function?.name ?? "";
          call.args += delta.function?.arguments ?? "";
          calls.set(delta.index, call);
        }
      }
      const told = [...calls].map((
        [index, call],
      ) => [index, call.name, call.args, call.ids.length]);
      assert.deepEqual(told, [[0, "first", '{"a":1}', 1], [1, "second", "{}", 1]]);
    },
  );
}

timedTest("a stream of 2,000 chunks arrives as 2,000 chunks", async () => {
  const count = 2_000;
  const text = Array.from({ length: count }, (_, index) => `${index} `);
  await using upstream = new Upstream("openai", (exchange) => exchange.answer({ text }));
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }]));
  const client = new SseClient(await daemon.chat(STREAMED));
  const chunks = await client.readChunks();
  const pieces = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").filter(Boolean);
  assert.deepEqual(pieces, text);
});

timedTest("a token reaches the client within 5 ms (median) of leaving the upstream", async () => {
  await using upstream = new Upstream("openai");
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }]));
  await assertQuick({ what: "a token's way", limitMs: 5, tries: 3 }, async () => {
    const delays = (await timeTokens(upstream, daemon)).toSorted((a, b) => a - b);
    const [median = NaN, p95 = NaN] = [delays[100], delays[190]];
    // Told on every run, so that a slow creep is seen before it fails.
    await Deno.stderr.write(new TextEncoder().encode(
      `  upstream to client, 200 tokens: median ${median.toFixed(2)} ms, p95 ${
        p95.toFixed(2)
      } ms\n`,
    ));
    return median;
  });
});

/** Milliseconds from the upstream to the client, for each of 200 tokens. */
async function timeTokens(upstream: Upstream, daemon: TestDaemon): Promise<readonly number[]> {
  const response = daemon.chat(STREAMED);
  const exchange = await upstream.next();
  await exchange.sendStreamHead();
  const delays: number[] = [];
  let client: SseClient | null = null;
  for (let index = 0; index < 200; index++) {
    const sentAt = performance.now();
    await exchange.sendChunk(openaiChunk({ "content": `t${index}` }, null));
    client ??= new SseClient(await response);
    assert.equal(await client.nextText(), `t${index}`);
    delays.push(performance.now() - sentAt);
  }
  await exchange.sendChunk(openaiChunk({}, "stop") + "data: [DONE]\n\n");
  await exchange.endChunks();
  await client?.readAll();
  return delays;
}

timedTest("a stream has one id, one time and the answering alias in every chunk", async () => {
  await using upstream = new Upstream(
    "openai",
    (exchange) => exchange.answer({ text: ["a", "b"] }),
  );
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "the-alias", upstream }]));
  const response = await daemon.chat(STREAMED);
  const { headers } = response;
  const id = headers.get("x-pirouter-request-id");
  assert.equal(headers.get("x-request-id"), id);
  assert.equal(headers.get("x-pirouter-model"), "the-alias");
  assert.equal(headers.get("x-pirouter-rule"), "in-order");
  assert.equal(headers.get("x-pirouter-attempts"), "1");
  assert.equal(headers.get("content-type"), "text/event-stream; charset=utf-8");
  const chunks = await new SseClient(response).readChunks();
  assert.deepEqual(new Set(chunks.map((chunk) => chunk.id)), new Set([`chatcmpl-${id}`]));
  assert.deepEqual(new Set(chunks.map((chunk) => chunk.model)), new Set(["the-alias"]));
  assert.equal(new Set(chunks.map((chunk) => chunk.created)).size, 1);
  assert.ok(chunks.every((chunk) => chunk.object === "chat.completion.chunk"));
  assert.equal(chunks[0]?.choices[0]?.delta.role, "assistant");
  assert.equal(chunks.at(-1)?.choices[0]?.["finish_reason"], "stop");
});

timedTest("usage is always asked for upstream, and shown only to a client that asked", async () => {
  await using upstream = new Upstream("openai", (exchange) => exchange.answer({ text: ["hi"] }));
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }]));
  const silent = await new SseClient(await daemon.chat(STREAMED)).readChunks();
  assert.ok(silent.every((chunk) => chunk.choices.length > 0 && !chunk.usage));
  const options = { "stream_options": { "include_usage": true } };
  const asked = await new SseClient(await daemon.chat({ ...STREAMED, ...options })).readChunks();
  const told = asked.filter((chunk) => chunk.choices.length === 0);
  assert.deepEqual(told.map((chunk) => chunk.usage?.["total_tokens"]), [18]);
  assert.equal(asked.at(-1), told[0]);
  for (const { body } of upstream.exchanges) {
    assert.deepEqual(body["stream_options"], { "include_usage": true });
  }
});

timedTest("a whole answer says who gave it, and by which rule", async () => {
  await using upstream = new Upstream("openai", (exchange) => exchange.answer({ text: ["hi"] }));
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "the-alias", upstream }]));
  const response = await daemon.chat(ASK);
  const id = response.headers.get("x-pirouter-request-id");
  assert.equal(response.headers.get("x-pirouter-model"), "the-alias");
  const body = await response.json();
  assert.equal(body.id, `chatcmpl-${id}`);
  assert.equal(body.model, "the-alias");
  assert.deepEqual(body.pirouter, { "request_id": id, "rule": "in-order", "attempts": 1 });
});

timedTest(
  "a stream that breaks after its first token ends in one error and no [DONE]",
  async () => {
    for (const kind of KINDS) {
      await using broken = new Upstream(kind);
      await using spare = new Upstream(
        "openai",
        (exchange) => exchange.answer({ text: ["other"] }),
      );
      const models = [{ alias: "broken", upstream: broken }, { alias: "spare", upstream: spare }];
      await using daemon = await TestDaemon.start(tomlFor(models));
      const response = daemon.chat(STREAMED);
      const exchange = await broken.next();
      await exchange.sendStreamHead();
      const events = streamEvents(kind, { text: ["one", "two", "three"] });
      const cutAt = events.findIndex((event) => event.includes('"two"'));
      for (const event of events.slice(0, cutAt)) await exchange.sendChunk(event);
      const client = new SseClient(await response);
      assert.equal(await client.nextText(), "one");
      exchange.cut();
      const rest = await client.readAll();
      assert.equal(rest.length, 1, rest.join());
      const { error } = JSON.parse(rest[0] ?? "");
      assert.deepEqual(Object.keys(error).sort(), ["code", "message", "param", "type"]);
      assert.match(error.message, /please retry/);
      assert.equal(spare.exchanges.length, 0);
      const { requests, attempts } = await daemon.ledger();
      assert.equal(requests[0]?.["status"], "error");
      assert.deepEqual(attempts.map((row) => row["outcome"]), ["truncated"]);
    }
  },
);
