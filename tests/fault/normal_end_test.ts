import assert from "node:assert/strict";
import type { ProviderKind } from "../../src/core/provider.ts";
import { ASK, askFor, KINDS, withLadder } from "../support/cascade_case.ts";
import { DaemonProcess, withConfig } from "../support/cli_process.ts";
import { tomlFor } from "../support/daemon.ts";
import { within } from "../support/deadline.ts";
import { rowTest } from "../support/fault_row.ts";
import { type Exchange, type Script, Upstream } from "../support/upstream.ts";
import { streamEvents } from "../support/upstream_wire.ts";

const ANSWER = "the whole answer";

function answer(exchange: Exchange): Promise<void> {
  return exchange.answer({ text: [ANSWER] });
}

for (const kind of KINDS) {
  rowTest("normal-end", {
    name: `${kind}: one [DONE], the upstream is not cancelled and its connection used again`,
    body: () =>
      withLadder([{ alias: "a", kind, script: answer }], async ({ upstreams, daemon }) => {
        const [upstream] = upstreams;
        for (const stream of [true, false, true]) {
          const got = await askFor(daemon, stream);
          assert.deepEqual([got.text, got.finish], [ANSWER, "stop"]);
          assert.equal(got.raw.match(/\[DONE\]/g)?.length ?? 0, stream ? 1 : 0);
          assert.equal(upstream?.exchanges.at(-1)?.isClientGone, false);
        }
        assert.equal(upstream?.connectionCount, 1);
        await daemon.ledger(3);
        assert.deepEqual(daemon.log.filter((line) => / (warning|error) /.test(line)), []);
      }),
  });
}

/** What must not be shown any more once the end marker has come. */
const AFTER: Readonly<Record<ProviderKind, readonly string[]>> = {
  openai: [...streamEvents("openai", { text: ["more"] }), "data: [DONE]\n\n", "data: {]\n\n"],
  anthropic: [...streamEvents("anthropic", { text: ["more"] }), "data: {]\n\n"],
  ollama: [...streamEvents("ollama", { text: ["more"] }), "{]\n"],
};

for (const kind of KINDS) {
  for (const isTogether of [true, false]) {
    rowTest("normal-end", {
      name: `${kind}: what follows the end marker is not shown (in one piece: ${isTogether})`,
      body: () => {
        const script = async (exchange: Exchange) => {
          await exchange.sendStreamHead();
          const events = [...streamEvents(kind, { text: [ANSWER] }), ...AFTER[kind]];
          for (const event of isTogether ? [events.join("")] : events) {
            await exchange.sendChunk(event);
          }
          await exchange.endChunks();
        };
        return withLadder([{ alias: "a", kind, script }], async ({ daemon }) => {
          const got = await askFor(daemon, true);
          assert.deepEqual([got.text, got.error], [ANSWER, null]);
          assert.equal(got.raw.match(/\[DONE\]/g)?.length, 1);
          assert.match(got.raw, /data: \[DONE\]\n\n$/);
          const { attempts } = await daemon.ledger();
          assert.deepEqual(attempts.map((row) => row["outcome"]), ["ok"]);
        });
      },
    });
  }
}

rowTest("normal-end", {
  name: "an upstream of any dialect that keeps its connection open after the end marker is let go",
  body: () => {
    const script: Script = async (exchange) => {
      await exchange.sendStreamHead();
      const events = streamEvents(exchange.kind, { text: [ANSWER] });
      for (const event of events) await exchange.sendChunk(event);
      await exchange.clientLeft;
    };
    const rungs = KINDS.map((kind) => ({ alias: kind, kind, script }));
    return withLadder(rungs, async ({ upstreams, daemon }) => {
      const ask = async (model: string) => {
        const startedAt = performance.now();
        assert.equal((await askFor(daemon, true, { model })).doneCount, 1);
        // Such a connection is let go after a second.
        assert.ok(performance.now() - startedAt < 900, "the client waited for the connection");
      };
      await Promise.all(KINDS.map(ask));
      assert.deepEqual(upstreams.map(({ exchanges }) => exchanges.length), [1, 1, 1]);
      for (const { clientLeft } of upstreams.flatMap(({ exchanges }) => exchanges)) {
        await within(clientLeft, "the end of the upstream's connection", 3_000);
      }
    }, { rules: "" });
  },
});

rowTest("normal-end", {
  name: "a real process writes nothing on stderr of answers that end well",
  body: async () => {
    await using upstream = new Upstream("openai", answer);
    const server = 'log_level = "warning"';
    const toml = '[ledger]\npath = "ledger.db"\n' +
      tomlFor([{ alias: "only", upstream }], { server });
    await withConfig(toml, async ({ config }) => {
      await using daemon = await DaemonProcess.start(config);
      using client = Deno.createHttpClient({});
      for (const stream of [true, false, true]) {
        const response = await fetch(`${daemon.baseUrl}/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ ...ASK, stream }),
          client,
        });
        assert.ok((await response.text()).includes(ANSWER));
      }
      daemon.kill("SIGTERM");
      const { code, out, err } = await daemon.end();
      assert.deepEqual([code, out], [0, ""]);
      const lines = err.slice(err.indexOf("pirouter listens on")).trimEnd().split("\n");
      const own = /^(pirouter listens on | {2}\w+ +\S|Stopping: |pirouter has stopped\.$)/;
      assert.deepEqual(lines.filter((line) => !own.test(line)), []);
    });
  },
});
