import assert from "node:assert/strict";
import {
  ASK,
  askFor,
  KINDS,
  outcomesOf,
  SPARE,
  SPARE_TEXT,
  withLadder,
} from "../support/cascade_case.ts";
import { rowTest } from "../support/fault_row.ts";
import { assertNoneBusy } from "../support/invariants.ts";
import { SseClient } from "../support/sse_client.ts";
import type { Exchange } from "../support/upstream.ts";
import { STREAM_TYPES, streamEvents, wholeBody } from "../support/upstream_wire.ts";

/** A way in which an upstream ends its connection within an answer. */
interface Closing {
  readonly name: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly send: (exchange: Exchange, piece: string) => Promise<void>;
  readonly close: (exchange: Exchange) => Promise<void> | void;
}

const sendChunk = (exchange: Exchange, piece: string) => exchange.sendChunk(piece);
const sendPlain = (exchange: Exchange, piece: string) => exchange.sendRaw(piece);

const CLOSINGS: readonly Closing[] = [
  { name: "a chunked stream by a close", send: sendChunk, close: (exchange) => exchange.cut() },
  {
    name: "a chunked stream by its end",
    send: sendChunk,
    close: (exchange) => exchange.endChunks(),
  },
  { name: "a chunked stream by a reset", send: sendChunk, close: (exchange) => exchange.reset() },
  {
    name: "a close-delimited stream",
    headers: { "connection": "close" },
    send: sendPlain,
    close: (exchange) => exchange.cut(),
  },
  {
    name: "a stream with a length",
    headers: { "content-length": "100000" },
    send: sendPlain,
    close: (exchange) => exchange.cut(),
  },
];

/** The events before the first text, and the one with it. */
function startOf(exchange: Exchange): readonly [string, string] {
  const events = streamEvents(exchange.kind, { text: ["half", "never sent"] });
  const at = events.findIndex((event) => event.includes("half"));
  const before = events.slice(0, at).join("");
  // Ollama's first line has text already: half of it is all that can come before.
  return exchange.kind === "ollama"
    ? [events[at]?.slice(0, 30) ?? "", events[at]?.slice(30) ?? ""]
    : [before, events[at] ?? ""];
}

for (const kind of KINDS) {
  for (const { name, headers = {}, send, close } of CLOSINGS) {
    const sendHead = (exchange: Exchange) =>
      exchange.sendHead(200, { "content-type": STREAM_TYPES[kind], ...headers });
    rowTest("closed-mid-answer", {
      name: `${kind} ends ${name} before the first content: the next candidate answers`,
      body: () => {
        const script = async (exchange: Exchange) => {
          await sendHead(exchange);
          await send(exchange, startOf(exchange)[0]);
          await close(exchange);
        };
        return withLadder([{ alias: "first", kind, script }, SPARE], async ({ daemon }) => {
          const got = await askFor(daemon, true);
          assert.deepEqual([got.text, got.finish, got.error], [SPARE_TEXT, "stop", null]);
          assert.deepEqual(await outcomesOf(daemon), ["first:truncated", "spare:ok"]);
        });
      },
    });
    rowTest("closed-mid-answer", {
      name: `${kind} ends ${name} after it: one error event, no replay`,
      body: () =>
        withLadder([{ alias: "first", kind, script: null }, SPARE], async (ladder) => {
          const { upstreams: [first, second], daemon } = ladder;
          const response = daemon.chat({ ...ASK, "stream": true });
          const exchange = await first?.next();
          assert.ok(exchange && second);
          await sendHead(exchange);
          for (const piece of startOf(exchange)) await send(exchange, piece);
          const client = new SseClient(await response);
          assert.equal(await client.nextText(), "half");
          await close(exchange);
          const rest = await client.readAll();
          assert.equal(rest.length, 1, rest.join("\n"));
          assert.equal(JSON.parse(rest[0] ?? "").error.code, "upstream_truncated");
          assert.equal(second.exchanges.length, 0);
          assert.deepEqual(await outcomesOf(daemon), ["first:truncated"]);
          await assertNoneBusy(first?.exchanges ?? [], { label: name });
        }),
    });
  }
}

/** Ways in which a whole answer is cut in its middle. */
const WHOLE_CUTS: readonly Closing[] = [
  { name: "with a length", send: sendPlain, close: (exchange) => exchange.cut() },
  {
    name: "in chunks",
    headers: { "transfer-encoding": "chunked" },
    send: sendChunk,
    close: (exchange) => exchange.cut(),
  },
  {
    name: "until its close",
    headers: { "connection": "close" },
    send: sendPlain,
    close: (exchange) => exchange.cut(),
  },
];

for (const kind of KINDS) {
  for (const { name, headers, send, close } of WHOLE_CUTS) {
    rowTest("closed-mid-answer", {
      name: `a whole answer of ${kind} ${name} that is cut is none`,
      body: () => {
        const script = async (exchange: Exchange) => {
          const body = JSON.stringify(wholeBody(kind, { text: ["never seen"] }));
          const framing = headers ?? { "content-length": String(body.length) };
          await exchange.sendHead(200, { "content-type": "application/json", ...framing });
          await send(exchange, body.slice(0, body.length / 2));
          await close(exchange);
        };
        return withLadder([{ alias: "first", kind, script }, SPARE], async ({ daemon }) => {
          const got = await askFor(daemon, false);
          assert.deepEqual([got.text, got.finish], [SPARE_TEXT, "stop"]);
          const [first] = await outcomesOf(daemon);
          // Where only the close tells the end, half of a JSON text is all that there is to see.
          assert.match(first ?? "", /^first:(truncated|malformed)$/);
        });
      },
    });
  }
}
