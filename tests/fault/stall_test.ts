import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { PROVIDER_KINDS } from "../../src/core/provider.ts";
import {
  ASK,
  askFor,
  KINDS,
  NO_WAIT,
  outcomesOf,
  SPARE,
  SPARE_TEXT,
  withLadder,
} from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { rowTest } from "../support/fault_row.ts";
import { assertNoneBusy } from "../support/invariants.ts";
import { sendAnswerHead, sendStart, sendUpTo } from "../support/leaving.ts";
import { SseClient } from "../support/sse_client.ts";
import { type Script, Upstream } from "../support/upstream.ts";
import { streamEvents } from "../support/upstream_wire.ts";
import { openaiChunk } from "../support/upstream_wire_openai.ts";

interface Silence {
  readonly name: string;
  readonly script: Script;
}

/** Ways of saying no token. */
const SILENCES: readonly Silence[] = [
  { name: "sends no headers", script: async ({ clientLeft }) => void await clientLeft },
  {
    name: "is silent after its headers",
    script: async (exchange) => {
      await sendAnswerHead(exchange, exchange.body["stream"] === true);
      await exchange.clientLeft;
    },
  },
  {
    name: "stops before its first token",
    script: async (exchange) => {
      if (exchange.body["stream"] !== true) return await exchange.sendWhole(200, "", SHORT);
      await sendStart(exchange);
      if (exchange.kind === "ollama") await exchange.sendChunk('{"model":"half a line');
      await exchange.clientLeft;
    },
  },
];

/** A body that never comes whole. */
const SHORT = { "content-length": "100" } as const;

for (const kind of KINDS) {
  for (const { name, script } of SILENCES) {
    rowTest("silent-upstream", {
      name: `an upstream of ${kind} that ${name} is left for the next candidate`,
      body: async () => {
        const provider = "first_token_timeout_secs = 0.05\nrequest_timeout_secs = 0.05";
        for (const stream of [true, false]) {
          const first = { alias: "first", kind, script, provider };
          await withLadder([first, SPARE], async ({ upstreams, daemon }) => {
            assert.equal((await askFor(daemon, stream)).text, SPARE_TEXT);
            assert.deepEqual(await outcomesOf(daemon), ["first:timeout", "spare:ok"]);
            await assertNoneBusy(upstreams.flatMap(({ exchanges }) => exchanges), { label: name });
          });
        }
      },
    });
  }
}

rowTest("silent-upstream", {
  name: "the only candidate's timeout is a 504 that says what did not come",
  body: () => {
    const script: Script = async (exchange) => {
      await exchange.sendStreamHead();
      await exchange.clientLeft;
    };
    const provider = "first_token_timeout_secs = 0.1";
    const slow = { alias: "slow", kind: "openai", script, provider } as const;
    return withLadder([slow], async ({ daemon }) => {
      const got = await askFor(daemon, true);
      assert.equal(got.status, 504);
      assert.match(String(got.error?.["message"]), /no first token within 0\.1 s/);
    }, { cascade: NO_WAIT });
  },
});

for (const kind of KINDS) {
  rowTest("stalled-stream", {
    name: `a stream of ${kind} that stalls after its first token ends in one error`,
    body: () => {
      const script: Script = async (exchange) => {
        await sendUpTo(exchange, "one");
        await exchange.clientLeft;
      };
      const first = { alias: "first", kind, script, provider: "idle_timeout_secs = 0.1" };
      return withLadder([first, SPARE], async ({ upstreams, daemon }) => {
        const got = await askFor(daemon, true);
        assert.equal(got.text, "one");
        assert.equal(got.error?.["code"], "upstream_timeout");
        assert.equal(got.raw.match(/"error":/g)?.length, 1);
        assert.doesNotMatch(got.raw, /\[DONE\]|finish_reason":"stop/);
        assert.equal(upstreams[1]?.exchanges.length, 0);
        const { requests } = await daemon.ledger();
        assert.deepEqual([requests[0]?.["status"], requests[0]?.["http_status"]], ["error", 200]);
        await assertNoneBusy(upstreams.flatMap(({ exchanges }) => exchanges), { label: kind });
      });
    },
  });
}

/** The pace is what is tested. */
async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

rowTest("stalled-stream", {
  name: "any byte resets the idle deadline of a stream",
  body: async () => {
    await using upstream = new Upstream("openai");
    const provider = "idle_timeout_secs = 0.3\nfirst_token_timeout_secs = 0.3";
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "slow", upstream, provider }]));
    const response = daemon.chat({ ...ASK, "stream": true });
    const exchange = await upstream.next();
    await sendUpTo(exchange, "start");
    const client = new SseClient(await response);
    const startedAt = performance.now();
    while (performance.now() - startedAt < 500) {
      await pause(50);
      await exchange.sendChunk(":"); // not even a whole comment
    }
    await exchange.sendChunk("\n\n" + openaiChunk({}, "stop") + "data: [DONE]\n\n");
    await exchange.endChunks();
    assert.equal((await client.readAll()).at(-1), "[DONE]");
  },
});

rowTest("slow-but-healthy", {
  name: "a late first token and then few a second are waited for, in every dialect",
  body: () => {
    const text = Array.from({ length: 10 }, (_, index) => `word${index} `);
    const script: Script = async (exchange) => {
      await exchange.sendStreamHead();
      await pause(350); // longer than all limits but the first token's
      for (const event of streamEvents(exchange.kind, { text })) {
        await exchange.sendChunk(event);
        await pause(50);
      }
      await exchange.endChunks();
    };
    const provider = "first_token_timeout_secs = 2\nrequest_timeout_secs = 0.1\n" +
      "idle_timeout_secs = 0.3";
    const rungs = KINDS.map((kind) => ({ alias: kind, kind, script, provider }));
    return withLadder(rungs, async ({ daemon }) => {
      const gots = await Promise.all(
        KINDS.map((kind) => askFor(daemon, true, { "model": kind })),
      );
      for (const got of gots) assert.deepEqual([got.text, got.finish], [text.join(""), "stop"]);
      const outcomes = await outcomesOf(daemon, KINDS.length);
      assert.deepEqual(outcomes.toSorted(), ["anthropic:ok", "ollama:ok", "openai:ok"]);
    }, { rules: "" });
  },
});

rowTest("slow-but-healthy", {
  name: "a JSON answer to a stream may take longer than its first token",
  body: async () => {
    const script: Script = async (exchange) => {
      const body = JSON.stringify({
        "choices": [{
          "index": 0,
          "message": { "role": "assistant", "content": "Slow but whole." },
          "finish_reason": "stop",
        }],
      });
      const headers = { "content-type": "application/json", "content-length": `${body.length}` };
      await exchange.sendHead(200, headers);
      await exchange.sendRaw(body.slice(0, 20));
      await pause(300); // longer than the first-token limit below
      await exchange.sendRaw(body.slice(20));
    };
    const provider = "first_token_timeout_secs = 0.2";
    await withLadder([{ alias: "one", kind: "openai", script, provider }], async ({ daemon }) => {
      assert.equal((await askFor(daemon, true)).text, "Slow but whole.");
    });
  },
});

rowTest("slow-but-healthy", {
  name: "by default a cold local model has 4 minutes to its first token, 25 s between two",
  body: async () => {
    assert.ok(PROVIDER_KINDS.ollama.firstTokenTimeoutMs >= 4 * 60_000);
    const toml = '[providers.ollama]\n[models.local]\nprovider = "ollama"\nmodel_id = "qwen3:8b"';
    const options = { file: "config.toml", env: () => undefined, now: new Date() };
    const parsed = await parseConfig(toml, options);
    assert.ok(parsed.ok);
    const provider = parsed.config.providers.get("ollama");
    assert.ok((provider?.firstTokenTimeoutMs ?? 0) >= 4 * 60_000, "the first token");
    assert.ok((provider?.idleTimeoutMs ?? 0) >= 10 * 2_500, "0.4 tokens a second, with room");
  },
});
