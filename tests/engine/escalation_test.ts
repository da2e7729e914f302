import assert from "node:assert/strict";
import { askFor, outcomesOf, SPARE_TEXT, withCascade } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { SseClient } from "../support/sse_client.ts";
import { Upstream } from "../support/upstream.ts";
import { streamEvents } from "../support/upstream_wire.ts";
import { openaiChunk } from "../support/upstream_wire_openai.ts";

const SHORT = "on_short_response = true\nmin_output_tokens = 8";
const MARKER = 'on_marker = "[[ESCALATE]]"';
const LONG = "a long and useful answer of very many words that is shown as it stands ".repeat(2);

for (const stream of [true, false]) {
  const mode = stream ? "streamed" : "whole";

  timedTest(
    `a short answer leads to the next candidate, ${mode}, and none of it is shown`,
    () =>
      withCascade(
        (exchange) => exchange.answer({ text: ["Dunno", ", sorry"] }),
        async ({ daemon }) => {
          const got = await askFor(daemon, stream);
          assert.equal(got.text, SPARE_TEXT);
          assert.doesNotMatch(got.raw, /Dunno|sorry/);
          assert.equal(got.headers.get("x-pirouter-attempts"), "2");
          assert.deepEqual(await outcomesOf(daemon), ["first:weak_short", "spare:ok"]);
        },
        { cascade: SHORT },
      ),
  );

  timedTest(
    `the marker leads to the next candidate, ${mode}, and none of it is shown`,
    () =>
      withCascade(
        (exchange) => exchange.answer({ text: ["[[ESC", "ALATE", "]] secret reason"] }),
        async ({ daemon }) => {
          const got = await askFor(daemon, stream);
          assert.equal(got.text, SPARE_TEXT);
          assert.doesNotMatch(got.raw, /ESC|ALATE|secret/);
          assert.deepEqual(await outcomesOf(daemon), ["first:weak_marker", "spare:ok"]);
        },
        { cascade: MARKER },
      ),
  );

  timedTest(
    `an answer that is long enough is served at once, ${mode}`,
    () =>
      withCascade((exchange) => exchange.answer({ text: [LONG] }), async ({ spare, daemon }) => {
        assert.equal((await askFor(daemon, stream)).text, LONG);
        assert.equal(spare.exchanges.length, 0);
      }, { cascade: `${SHORT}\n${MARKER}` }),
  );

  timedTest(`the weak answer is served when the rest fail, ${mode}`, async () => {
    await using weak = new Upstream(
      "openai",
      (exchange) => exchange.answer({ text: ["So", " so"] }),
    );
    await using failing = new Upstream("openai", (exchange) => exchange.sendWhole(500, {}));
    const models = [{ alias: "weak", upstream: weak }, { alias: "failing", upstream: failing }];
    await using daemon = await TestDaemon.start(tomlFor(models, { cascade: SHORT }));
    const got = await askFor(daemon, stream);
    assert.deepEqual([got.status, got.text, got.finish], [200, "So so", "stop"]);
    assert.equal(got.headers.get("x-pirouter-model"), "weak");
    assert.deepEqual(await outcomesOf(daemon), ["weak:weak_short", "failing:server_error"]);
    const { requests } = await daemon.ledger();
    assert.deepEqual([requests[0]?.["status"], requests[0]?.["final_model"]], ["ok", "weak"]);
  });

  timedTest(`the longest of the weak answers is served when all are weak, ${mode}`, async () => {
    await using better = new Upstream("openai", (exchange) => exchange.answer({ text: ["So so"] }));
    await using worse = new Upstream("openai", (exchange) => exchange.answer({ text: ["No"] }));
    const models = [
      { alias: "better", upstream: better },
      { alias: "worse", upstream: worse },
      { alias: "failing", upstream: { kind: "openai", baseUrl: "http://127.0.0.1:1" } as const },
    ];
    await using daemon = await TestDaemon.start(tomlFor(models, { cascade: SHORT }));
    const got = await askFor(daemon, stream);
    assert.equal(got.text, "So so");
    assert.doesNotMatch(got.raw, /No"/);
    assert.deepEqual(await outcomesOf(daemon), [
      "better:weak_short",
      "worse:weak_short",
      "failing:connect",
    ]);
  });

  timedTest(`a short answer of the last candidate is served, ${mode}`, async () => {
    await using only = new Upstream("openai", (exchange) => exchange.answer({ text: ["Yes"] }));
    const config = tomlFor([{ alias: "only", upstream: only }], { cascade: SHORT });
    await using daemon = await TestDaemon.start(config);
    assert.equal((await askFor(daemon, stream)).text, "Yes");
  });

  timedTest(`a call of a tool is never weak, ${mode}`, () =>
    withCascade(
      (exchange) => exchange.answer({ calls: [{ id: "c", name: "f", arguments: "{}" }] }),
      async ({ spare, daemon }) => {
        const tools = [{ "type": "function", "function": { "name": "f" } }];
        assert.equal((await askFor(daemon, stream, { tools })).finish, "tool_calls");
        assert.equal(spare.exchanges.length, 0);
      },
      { cascade: `${SHORT}\n${MARKER}` },
    ));
}

timedTest(
  "a held stream is shown at once when it is long enough, before the upstream ends it",
  () =>
    withCascade(null, async ({ first, daemon }) => {
      const response = daemon.chat({
        "model": "auto",
        "messages": [{ "role": "user", "content": "hi" }],
        "stream": true,
      });
      const exchange = await first.next();
      await exchange.sendStreamHead();
      const pieces = [
        "This ",
        "answer ",
        "grows ",
        "token ",
        "by ",
        "token ",
        "until ",
        "it ",
        "fits",
      ];
      for (const piece of pieces) await exchange.sendChunk(openaiChunk({ "content": piece }, null));
      const client = new SseClient(await response);
      assert.equal(await client.nextText(), "This ");
      await exchange.sendChunk(openaiChunk({}, "stop") + "data: [DONE]\n\n");
      await exchange.endChunks();
      await client.readAll();
    }, { cascade: SHORT }),
);

timedTest(
  "a weak stream is ended upstream as soon as its marker is seen",
  () =>
    withCascade(null, async ({ first, daemon }) => {
      const got = askFor(daemon, true);
      const exchange = await first.next();
      await exchange.sendStreamHead();
      await exchange.sendChunk(openaiChunk({ "content": "[[ESCALATE]]" }, null));
      await exchange.clientLeft;
      assert.equal((await got).text, SPARE_TEXT);
    }, { cascade: MARKER }),
);

timedTest('stream_hold = "full" finds a marker late in the answer', () =>
  withCascade(
    (exchange) => exchange.answer({ text: [LONG, "[[ESCALATE]]"] }),
    async ({ daemon }) => {
      const got = await askFor(daemon, true);
      assert.equal(got.text, SPARE_TEXT);
      assert.doesNotMatch(got.raw, /useful/);
    },
    { cascade: `${MARKER}\nstream_hold = "full"` },
  ));

timedTest(
  "reasoning is streamed live, and the model may still change after it",
  () =>
    withCascade(null, async ({ first, daemon }) => {
      const response = daemon.chat({
        "model": "auto",
        "messages": [{ "role": "user", "content": "hi" }],
        "stream": true,
      });
      const exchange = await first.next();
      await exchange.sendStreamHead();
      const events = streamEvents("openai", { reasoning: ["Hmm"], text: ["[[ESCALATE]]"] });
      for (const event of events.slice(0, 2)) await exchange.sendChunk(event);
      const client = new SseClient(await response);
      assert.match(await client.next() ?? "", /"reasoning_content":"Hmm"/);
      for (const event of events.slice(2)) await exchange.sendChunk(event);
      await exchange.endChunks();
      const rest = (await client.readAll()).join("\n");
      assert.match(rest, /The spare's answer/);
      assert.doesNotMatch(client.raw, /ESCALATE/);
      assert.deepEqual(await outcomesOf(daemon), ["first:weak_marker", "spare:ok"]);
    }, { cascade: MARKER }),
);
