import assert from "node:assert/strict";
import type { ProviderKind } from "../../src/core/provider.ts";
import { askFor } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { type Script, Upstream } from "../support/upstream.ts";
import { errorBodyOf, STREAM_TYPES, streamEvents, wholeBody } from "../support/upstream_wire.ts";

const KINDS: readonly ProviderKind[] = ["openai", "anthropic", "ollama"];
const TEXT = ["Grüße, ", "世界 ", "👩‍👩‍👧 ", "data: x\n\n[DONE] ", "end"];

async function gzip(text: string): Promise<Uint8Array> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

async function withUpstream(
  kind: ProviderKind,
  script: Script,
  use: (daemon: TestDaemon) => Promise<void>,
): Promise<void> {
  await using upstream = new Upstream(kind, script);
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }]));
  await use(daemon);
}

for (const kind of KINDS) {
  timedTest(
    `gzip of ${kind} is decoded once, and no header of it is left`,
    () =>
      withUpstream(kind, async (exchange, position) => {
        const isStream = exchange.body["stream"] === true;
        const text = isStream
          ? streamEvents(kind, { text: TEXT }).join("")
          : JSON.stringify(wholeBody(kind, { text: TEXT }));
        const type = isStream ? STREAM_TYPES[kind] : "application/json";
        const headers = { "content-encoding": "gzip", "content-type": type };
        if (position < 2) return await exchange.sendWhole(200, await gzip(text), headers);
        const error = JSON.stringify(errorBodyOf(kind, "packed reason"));
        await exchange.sendWhole(400, await gzip(error), headers);
      }, async (daemon) => {
        for (const stream of [true, false]) {
          const got = await askFor(daemon, stream);
          assert.equal(got.text, TEXT.join(""));
          assert.equal(got.headers.get("content-encoding"), null);
        }
        const failed = await askFor(daemon, true);
        assert.match(String(failed.error?.["message"]), /packed reason/);
      }),
  );

  timedTest(
    `a stream of ${kind} that is cut into pieces of any size is the same answer`,
    () =>
      withUpstream(kind, async (exchange, position) => {
        const bytes = new TextEncoder().encode(streamEvents(kind, { text: TEXT }).join(""));
        const size = position + 1;
        await exchange.sendStreamHead();
        const pieces: Promise<void>[] = [];
        for (let start = 0; start < bytes.length; start += size) {
          pieces.push(exchange.sendChunk(bytes.subarray(start, start + size)));
          await pieces.at(-1);
        }
        await exchange.endChunks();
      }, async (daemon) => {
        for (let size = 1; size <= 7; size++) {
          const got = await askFor(daemon, true);
          assert.deepEqual([got.text, got.finish], [TEXT.join(""), "stop"], `pieces of ${size}`);
          assert.doesNotMatch(got.raw, /\ufffd/);
        }
      }),
  );

  timedTest(
    `JSON of ${kind} where a stream was asked for is streamed to the client`,
    () =>
      withUpstream(
        kind,
        (exchange) => exchange.sendWhole(200, wholeBody(kind, { text: TEXT })),
        async (daemon) => {
          const got = await askFor(daemon, true, { "stream_options": { "include_usage": true } });
          assert.deepEqual([got.status, got.text, got.finish], [200, TEXT.join(""), "stop"]);
          assert.match(got.raw, /"total_tokens":18/);
          assert.ok(got.raw.endsWith("data: [DONE]\n\n"));
        },
      ),
  );

  timedTest(
    `a stream of ${kind} that ends with its connection is whole by its end marker`,
    () =>
      withUpstream(kind, async (exchange) => {
        await exchange.sendStreamHead({ "connection": "close" });
        await exchange.sendRaw(streamEvents(kind, { text: TEXT }).join(""));
        exchange.cut();
      }, async (daemon) => {
        const got = await askFor(daemon, true);
        assert.deepEqual([got.text, got.finish], [TEXT.join(""), "stop"]);
      }),
  );

  timedTest(
    `a stream of ${kind} that ends with its connection before its end marker is cut`,
    () =>
      withUpstream(kind, async (exchange) => {
        await exchange.sendStreamHead({ "connection": "close" });
        const events = streamEvents(kind, { text: TEXT });
        const end = events.findIndex((event) => event.includes('"end"'));
        await exchange.sendRaw(events.slice(0, end).join(""));
        exchange.cut();
      }, async (daemon) => {
        const got = await askFor(daemon, true);
        assert.equal(got.error?.["code"], "upstream_truncated");
        assert.doesNotMatch(got.raw, /data: \[DONE\]\n\n$/);
      }),
  );
}

timedTest(
  "an event of 8 MB arrives whole, one over the cap is malformed",
  () =>
    withUpstream("openai", async (exchange, position) => {
      const size = position === 0 ? 8 * 1_048_576 : 17 * 1_048_576;
      await exchange.sendStreamHead({ "connection": "close" });
      const [role = "", piece = "", ...end] = streamEvents("openai", { text: ["x".repeat(size)] });
      await exchange.sendRaw(role + piece + end.join(""));
      exchange.cut();
    }, async (daemon) => {
      assert.equal((await askFor(daemon, true)).text.length, 8 * 1_048_576);
      const got = await askFor(daemon, true);
      assert.deepEqual([got.status, got.error?.["code"]], [502, "upstream_malformed"]);
    }),
);
