import assert from "node:assert/strict";
import { ASK, askFor, SPARE_TEXT, withLadder } from "../support/cascade_case.ts";
import { timedTest } from "../support/deadline.ts";
import { SseClient } from "../support/sse_client.ts";
import { streamEvents } from "../support/upstream_wire.ts";
import { openaiChunk } from "../support/upstream_wire_openai.ts";
import { answers, assertCommit, idOf, readReport, rungsOf, why } from "../support/why_case.ts";

const MARKER = 'on_marker = "[[UP]]"';

timedTest("reasoning that is shown before the answer is judged is no commit", () =>
  withLadder(
    rungsOf([
      (exchange) => exchange.answer({ reasoning: ["Hmm"], text: ["[[UP]]"] }),
      answers,
    ]),
    async ({ daemon }) => {
      const got = await askFor(daemon, true);
      assert.match(got.raw, /Hmm/);
      await daemon.ledger();
      assertCommit(await readReport(daemon, idOf(got)), 2, true);
    },
    { cascade: MARKER },
  ));

timedTest("a wait for a cool-down is told by the attempt that it was for", () =>
  withLadder(
    rungsOf([(exchange, position) =>
      position > 0 ? answers(exchange) : exchange.sendWhole(
        429,
        { "error": { "message": "Slow down", "type": "requests", "code": "slow_down" } },
        { "retry-after-ms": "120" },
      )]),
    async ({ daemon }) => {
      const got = await askFor(daemon, false);
      assert.equal(got.headers.get("x-pirouter-attempts"), "2");
      await daemon.ledger();
      const report = await readReport(daemon, idOf(got));
      assertCommit(report, 2, false);
      const [first, second] = report.attempts;
      assert.equal(first?.["waited_ms"], 0);
      const waitedMs = Number(second?.["waited_ms"]);
      assert.ok(waitedMs > 60 && waitedMs < 2_000, `waited ${waitedMs} ms`);
      assert.ok(Number(second?.["started_ms"]) >= waitedMs);
      assert.match(
        await why(daemon, idOf(got)),
        /\n2 {2}m1 {5}m1 {8}ok .* \d\d+ ms .*committed at/,
      );
    },
  ));

timedTest("an answer that broke after its commit is told as committed", () =>
  withLadder(
    rungsOf([async (exchange) => {
      await exchange.sendStreamHead();
      for (const event of streamEvents("openai", { text: [SPARE_TEXT] }).slice(0, 2)) {
        await exchange.sendChunk(event);
      }
      exchange.cut();
    }, answers]),
    async ({ daemon }) => {
      const got = await askFor(daemon, true);
      assert.ok(got.error !== null);
      await daemon.ledger();
      const report = await readReport(daemon, idOf(got));
      assertCommit(report, 1, true);
      assert.deepEqual([report.status, report["final_model"]], ["error", null]);
    },
  ));

timedTest(
  "a client that leaves after the commit leaves one entry that tells of it",
  () =>
    withLadder([{ alias: "m1", kind: "openai", script: null }], async ({ daemon, upstreams }) => {
      const leaving = new AbortController();
      const response = daemon.chat({ ...ASK, "stream": true }, { signal: leaving.signal });
      const exchange = await upstreams[0]?.next();
      await exchange?.sendStreamHead();
      await exchange?.sendChunk(openaiChunk({ "content": SPARE_TEXT }, null));
      const { headers, body } = await response;
      const reader = body?.getReader();
      await reader?.read();
      leaving.abort();
      await exchange?.clientLeft;
      await daemon.ledger();
      const report = await readReport(daemon, headers.get("x-pirouter-request-id") ?? "");
      assertCommit(report, 1, true);
      assert.deepEqual([report.status, report.attempts[0]?.["outcome"]], [
        "cancelled",
        "cancelled",
      ]);
    }),
);

timedTest(
  "a stream is committed by what is shown first, however long the rest takes",
  () =>
    withLadder([{ alias: "m1", kind: "openai", script: null }], async ({ daemon, upstreams }) => {
      const response = daemon.chat({ ...ASK, "stream": true });
      const exchange = await upstreams[0]?.next();
      await exchange?.sendStreamHead();
      await exchange?.sendChunk(openaiChunk({ "content": SPARE_TEXT }, null));
      const client = new SseClient(await response);
      await client.nextText();
      const shownAt = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 100));
      const restMs = performance.now() - shownAt;
      for (const event of streamEvents("openai", { text: ["The rest."] })) {
        await exchange?.sendChunk(event);
      }
      await exchange?.endChunks();
      await client.readAll();
      await daemon.ledger();
      const { headers } = client.response;
      const report = await readReport(daemon, headers.get("x-pirouter-request-id") ?? "");
      assertCommit(report, 1, true);
      const committedMs = Number(report.attempts[0]?.["committed_ms"]);
      assert.ok(committedMs < report["latency_ms"] - restMs, `committed at ${committedMs} ms`);
    }),
);
