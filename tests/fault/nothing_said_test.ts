import assert from "node:assert/strict";
import type { ProviderKind } from "../../src/core/provider.ts";
import {
  askFor,
  KINDS,
  outcomesOf,
  SPARE,
  SPARE_TEXT,
  withCascade,
  withLadder,
} from "../support/cascade_case.ts";
import { rowTest } from "../support/fault_row.ts";
import { saidIn } from "../support/invariants.ts";
import type { Exchange } from "../support/upstream.ts";
import { type ScriptedAnswer, streamEvents } from "../support/upstream_wire.ts";

const PINGS: Readonly<Record<ProviderKind, string>> = {
  openai: ": OPENROUTER PROCESSING\n\n:\n\n",
  anthropic: 'event: ping\ndata: {"type":"ping"}\n\n',
  ollama: "\n\n",
};

interface Nothing {
  readonly name: string;
  /** What the stream holds. */
  readonly events: (kind: ProviderKind) => readonly string[];
  /** The answer that says as much where none is streamed. */
  readonly whole?: ScriptedAnswer;
}

const NOTHINGS: readonly Nothing[] = [
  { name: "no event at all", events: () => [] },
  { name: "pings alone", events: (kind) => [PINGS[kind], PINGS[kind]] },
  { name: "a role, then the end marker", events: (kind) => streamEvents(kind, {}), whole: {} },
  { name: "a role, then nothing", events: (kind) => streamEvents(kind, {}).slice(0, 1) },
  {
    name: "empty content",
    events: (kind) => streamEvents(kind, { text: ["", ""] }),
    whole: { text: [""] },
  },
  {
    name: "white space",
    events: (kind) => streamEvents(kind, { text: [" ", "\n"] }),
    whole: { text: [" \n"] },
  },
  {
    name: "reasoning alone",
    events: (kind) => streamEvents(kind, { reasoning: ["Let me ", "think."] }),
    whole: { reasoning: ["Let me think."] },
  },
];

for (const kind of KINDS) {
  for (const { name, events, whole } of NOTHINGS) {
    rowTest("nothing-said", {
      name: `a 200 of ${kind} with ${name} leads to the next candidate`,
      body: async () => {
        const script = async (exchange: Exchange) => {
          if (exchange.body["stream"] !== true) return await exchange.answer(whole ?? {});
          await exchange.sendStreamHead();
          for (const event of events(kind)) if (event !== "") await exchange.sendChunk(event);
          await exchange.endChunks();
        };
        for (const stream of whole === undefined ? [true] : [true, false]) {
          await withLadder([{ alias: "first", kind, script }, SPARE], async ({ daemon }) => {
            const got = await askFor(daemon, stream);
            assert.deepEqual([got.text, got.finish, got.error], [SPARE_TEXT, "stop", null]);
            const [first, second] = await outcomesOf(daemon);
            assert.match(first ?? "", /^first:(empty|truncated)$/);
            assert.equal(second, "spare:ok");
          });
        }
      },
    });
  }
}

const CALL = { id: "call_one", name: "get_weather", arguments: '{"city":"Paris"}' };
const TOOLS = [{
  "type": "function",
  "function": { "name": "get_weather", "parameters": { "type": "object" } },
}];

for (const kind of KINDS) {
  rowTest("nothing-said", {
    name: `null content with tool calls is an answer of ${kind}`,
    body: () => {
      const script = (exchange: Exchange) => exchange.answer({ calls: [CALL] });
      return withLadder(
        [{ alias: "first", kind, script }, SPARE],
        async ({ upstreams, daemon }) => {
          for (const stream of [true, false]) {
            const got = await askFor(daemon, stream, { "tools": TOOLS });
            assert.deepEqual([got.text, got.finish], ["", "tool_calls"]);
            assert.equal(saidIn(got), 'get_weather({"city":"Paris"})');
          }
          assert.deepEqual(await outcomesOf(daemon, 2), ["first:ok", "first:ok"]);
          assert.equal(upstreams[1]?.exchanges.length, 0);
        },
      );
    },
  });
}

rowTest("nothing-said", {
  name: "an upstream that pings without end runs into the first-token deadline",
  body: () =>
    withCascade(async (exchange) => {
      await exchange.sendStreamHead();
      const pings = setInterval(() => void exchange.sendChunk(": ping\n\n"), 20);
      await exchange.clientLeft;
      clearInterval(pings);
    }, async ({ daemon }) => {
      const got = await askFor(daemon, true);
      assert.equal(got.text, SPARE_TEXT);
      assert.deepEqual(await outcomesOf(daemon), ["first:timeout", "spare:ok"]);
    }, { provider: "first_token_timeout_secs = 0.3" }),
});
