import assert from "node:assert/strict";
import type { ProviderKind } from "../../src/core/provider.ts";
import { KINDS, SPARE_TEXT } from "../support/cascade_case.ts";
import { rowTest } from "../support/fault_row.ts";
import { type Got, modelsOf } from "../support/got.ts";
import { RICH_MARKS, RICH_STREAMS, RICH_TEXT } from "../support/rich_stream.ts";
import { encodeChunk, type Exchange, type HeaderList } from "../support/upstream.ts";
import { forEachVariant, withVariants } from "../support/variant_case.ts";

/** How the body is framed, and how it ends. */
interface Ending {
  readonly name: string;
  readonly frame: (event: string) => Uint8Array;
  readonly headers: HeaderList;
  readonly end: (exchange: Exchange) => void;
  /** Whether bytes that were sent may be lost: then an earlier stage is right as well. */
  readonly losesBytes: boolean;
  /** Bytes from one offset to the next. */
  readonly step: number;
}

const ENDINGS: readonly Ending[] = [
  {
    name: "a chunked stream is closed after any byte",
    frame: encodeChunk,
    headers: {},
    end: (exchange) => exchange.cut(),
    losesBytes: false,
    step: 1,
  },
  {
    name: "a close-delimited stream is closed after any byte",
    frame: (event) => new TextEncoder().encode(event),
    headers: { "connection": "close" },
    end: (exchange) => exchange.cut(),
    losesBytes: false,
    step: 1,
  },
  {
    name: "a chunked stream is reset after every fourth byte",
    frame: encodeChunk,
    headers: {},
    end: (exchange) => exchange.reset(),
    losesBytes: true,
    step: 4, // of what arrives before it, chance decides anyway
  },
];

/** What the client may see when all bytes before an offset have come. */
type Stage = "spare" | "error" | "whole";

interface Offsets {
  /** The bytes up to the end of the first event that commits, that ends the answer, of the last. */
  readonly commit: number;
  readonly end: number;
  readonly last: number;
}

function offsetsOf(kind: ProviderKind, frames: readonly Uint8Array[]): Offsets {
  const endOf = (mark: string) => {
    const position = RICH_STREAMS[kind].findIndex((event) => event.includes(mark));
    assert.ok(position >= 0, `no event has ${mark}`);
    return frames.slice(0, position + 1).reduce((sum, frame) => sum + frame.length, 0);
  };
  const { commit, end, last } = RICH_MARKS[kind];
  return { commit: endOf(commit), end: endOf(end), last: endOf(last) };
}

/** The line ends (and the CRLF of the chunk) behind an event may be needed to see it, or not. */
const SLACK = 4;

/** The stages that are right for a stream of which only the first `length` bytes came. */
function stagesAt(length: number, offsets: Offsets & Pick<Ending, "losesBytes">): readonly Stage[] {
  const { commit, end, last, losesBytes } = offsets;
  const stages: Stage[] = [];
  if (length < commit || losesBytes) stages.push("spare");
  if (length >= commit - SLACK && (length < last || losesBytes)) stages.push("error");
  if (length >= end - SLACK) stages.push("whole");
  return stages;
}

function stageOf(seen: Got): Stage {
  if (seen.errors.length > 0) {
    assert.deepEqual([seen.errors.length, seen.doneCount], [1, 0]);
    assert.ok(RICH_TEXT.join("").startsWith(seen.text) && seen.text !== "");
    return "error";
  }
  assert.equal(seen.doneCount, 1);
  if (seen.finish === "stop") {
    assert.deepEqual([seen.text, modelsOf(seen.bodies).at(-1)], [SPARE_TEXT, "spare"]);
    return "spare";
  }
  assert.deepEqual([seen.text, seen.finish], [RICH_TEXT.join(""), "tool_calls"]);
  return "whole";
}

for (const kind of KINDS) {
  for (const ending of ENDINGS) {
    rowTest("closed-mid-answer", {
      name: `${kind}: ${ending.name}: never a silent partial`,
      limitMs: 40_000,
      body: () => endAnywhere(kind, ending),
    });
  }
}

async function endAnywhere(kind: ProviderKind, ending: Ending): Promise<void> {
  const frames = RICH_STREAMS[kind].map(ending.frame);
  const wire = new Uint8Array(frames.flatMap((bytes) => [...bytes]));
  const offsets = { ...offsetsOf(kind, frames), losesBytes: ending.losesBytes };
  const count = Math.floor(wire.length / ending.step) + 1;
  const script = async (exchange: Exchange, variant: number) => {
    await exchange.sendStreamHead(ending.headers);
    await exchange.sendRaw(wire.subarray(0, variant * ending.step));
    ending.end(exchange);
  };
  await withVariants({ kind, count, script }, async ({ ask, daemon }) => {
    const stages = await forEachVariant(count, async (variant) => {
      const stage = stageOf(await ask(variant));
      const length = variant * ending.step;
      const allowed = stagesAt(length, offsets);
      assert.ok(allowed.includes(stage), `byte ${length}: ${stage}, not ${allowed}`);
      return stage;
    });
    const { requests, attempts } = await daemon.ledger(count);
    const countOf = (stage: Stage) => stages.filter((one) => one === stage).length;
    assert.equal(requests.filter((row) => row["status"] === "error").length, countOf("error"));
    assert.equal(attempts.length, count + countOf("spare"));
    assert.equal(
      attempts.filter((row) => row["outcome"] === "ok").length,
      count - countOf("error"),
    );
  });
}
