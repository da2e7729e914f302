import assert from "node:assert/strict";
import type { ProviderKind } from "../../src/core/provider.ts";
import { KINDS, withLadder } from "../support/cascade_case.ts";
import type { Row, TestDaemon } from "../support/daemon.ts";
import { rowTest } from "../support/fault_row.ts";
import { failWith } from "../support/fault_script.ts";
import { assertNoneBusy, assertNoSecret } from "../support/invariants.ts";
import {
  assertSeenSoon,
  sendAnswerHead,
  sendUpTo,
  timeDeparture,
  turnLoop,
} from "../support/leaving.ts";
import { SseClient } from "../support/sse_client.ts";
import type { Exchange } from "../support/upstream.ts";
import type { FaultRowName } from "./rows.ts";

/** Characters of a prompt: one read, more than one read, many reads. */
const PROMPT_SIZES = [10, 700, 100_000];

interface Reached {
  readonly exchange: Exchange;
  readonly response: Promise<Response>;
  readonly stream: boolean;
  readonly daemon: TestDaemon;
}

interface CancelWindow {
  readonly row: FaultRowName;
  readonly name: string;
  /** Brings the exchange to the point at which the client leaves. */
  readonly reach: (reached: Reached) => Promise<void>;
  /** What the ledger says that the client got. */
  readonly httpStatus: (stream: boolean) => number;
}

const WINDOWS: readonly CancelWindow[] = [
  {
    row: "leave-before-headers",
    name: "before the upstream's headers",
    reach: () => Promise.resolve(),
    httpStatus: () => 499,
  },
  {
    row: "leave-before-token",
    name: "between headers and the first token",
    reach: async ({ exchange, stream, daemon }) => {
      await sendAnswerHead(exchange, stream);
      await turnLoop(daemon); // the head has come by then
    },
    httpStatus: () => 499,
  },
  {
    row: "leave-mid-stream",
    name: "in the middle of the answer",
    reach: async ({ exchange, stream, response }) => {
      if (!stream) {
        await sendAnswerHead(exchange, stream);
        return await exchange.sendChunk('{"id":"x","choices":[');
      }
      await sendUpTo(exchange, "one");
      assert.equal(await new SseClient(await response).nextText(), "one");
    },
    httpStatus: (stream) => stream ? 200 : 499,
  },
  {
    row: "leave-second-attempt",
    name: "during the second attempt",
    reach: () => Promise.resolve(),
    httpStatus: () => 499,
  },
];

interface LeaveCase {
  readonly kind: ProviderKind;
  readonly stream: boolean;
  readonly size: number;
}

/** Milliseconds from the client's departure to the moment at which the upstream saw it. */
async function leave(window: CancelWindow, { kind, stream, size }: LeaveCase): Promise<number> {
  const isSecond = window.row === "leave-second-attempt";
  const rungs = [
    ...(isSecond ? [{ alias: "faulty", kind, script: failWith(503) }] : []),
    { alias: "silent", kind, script: null },
    { alias: "spare", kind, script: (exchange: Exchange) => exchange.answer({ text: ["late"] }) },
  ];
  return await withLadder(rungs, async ({ upstreams, daemon }) => {
    const [silent, spare] = upstreams.slice(-2);
    const client = new AbortController();
    const messages = [{ "role": "user", "content": "x ".repeat(size / 2) }];
    const response = daemon.chat({ "model": "auto", messages, stream }, { signal: client.signal });
    response.catch(() => "the client has left");
    const exchange = await silent?.next();
    assert.ok(exchange);
    await window.reach({ exchange, response, stream, daemon });
    const seenMs = await timeDeparture(exchange, () => client.abort());
    const { requests, attempts } = await daemon.ledger();
    assert.equal(requests[0]?.["status"], "cancelled");
    assert.equal(requests[0]?.["http_status"], window.httpStatus(stream));
    assert.equal(requests[0]?.["final_model"], null);
    const outcomes = attempts.map((row) => row["outcome"]);
    assert.deepEqual(outcomes, [...(isSecond ? ["overloaded"] : []), "cancelled"]);
    if (stream && window.row === "leave-mid-stream") assertUsed([...requests, ...attempts], size);
    assert.equal(spare?.exchanges.length, 0);
    await assertNoneBusy(upstreams.flatMap(({ exchanges }) => exchanges), { label: window.name });
    await assertNoSecret(daemon, {});
    return seenMs;
  });
}

/** What had been used by then is estimated, unless the provider has counted it. */
function assertUsed(rows: readonly Row[], size: number): void {
  for (const row of rows) {
    assert.ok(Number(row["output_tokens"]) > 0, `output_tokens ${row["output_tokens"]}`);
    assert.ok(Number(row["input_tokens"]) > 0, `input_tokens ${row["input_tokens"]}`);
    assert.ok(Number(row["cost_usd"]) > 0, `cost_usd ${row["cost_usd"]} of ${size} characters`);
  }
}

for (const window of WINDOWS) {
  for (const stream of [true, false]) {
    for (const kind of KINDS) {
      rowTest(window.row, {
        name: `a client that leaves ${window.name} ends it at ${kind} (stream ${stream})`,
        body: async () => {
          for (const size of PROMPT_SIZES) {
            await assertSeenSoon(() => leave(window, { stream, size, kind }));
          }
        },
      });
    }
  }
}
