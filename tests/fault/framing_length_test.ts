import assert from "node:assert/strict";
import type { ProviderKind } from "../../src/core/provider.ts";
import { KINDS, SPARE_TEXT } from "../support/cascade_case.ts";
import { rowTest } from "../support/fault_row.ts";
import type { Got } from "../support/got.ts";
import type { Exchange } from "../support/upstream.ts";
import { STREAM_TYPES, streamEvents, wholeBody } from "../support/upstream_wire.ts";
import { withVariants } from "../support/variant_case.ts";

const TEXT = ["one ", "two"];

/** Where the fault strikes: before the first token, after it, or after the end marker. */
type Moment = "before" | "after" | "end";
const MOMENTS: readonly Moment[] = ["before", "after", "end"];

function eventsUpTo(kind: ProviderKind, moment: Moment): readonly string[] {
  const events = streamEvents(kind, { text: TEXT });
  const mark = { before: '"one ', after: '"two"', end: null }[moment];
  return mark === null ? events : events.slice(0, events.findIndex((e) => e.includes(mark)));
}

/** Sends the events, then breaks the framing of the body. */
type Break = (exchange: Exchange, events: readonly string[]) => Promise<void>;

const brokenChunk = (line: string): Break => async (exchange, events) => {
  await exchange.sendStreamHead();
  for (const event of events) await exchange.sendChunk(event);
  await exchange.sendRaw(line);
};

const BREAKS: Readonly<Record<string, Break>> = {
  "a content-length that is longer than the body": async (exchange, events) => {
    const body = events.join("");
    const length = new TextEncoder().encode(body).length + 100;
    await exchange.sendStreamHead({ "content-length": String(length) });
    await exchange.sendRaw(body);
    exchange.cut();
  },
  "a content-length that is shorter than the body": async (exchange, events) => {
    const body = events.join("");
    const length = new TextEncoder().encode(body).length;
    await exchange.sendStreamHead({ "content-length": String(length) });
    await exchange.sendRaw(
      `${body}${streamEvents(exchange.kind, { text: ["smuggled"] }).join("")}`,
    );
    exchange.end();
  },
  "a chunk size that is no number": brokenChunk("zz\r\nxx\r\n"),
  "a negative chunk size": brokenChunk("-5\r\nxxxxx\r\n"),
  "a chunk size beyond all bounds": brokenChunk(`${"f".repeat(17)}\r\nxx\r\n`),
  "an empty chunk size": brokenChunk("\r\nxx\r\n"),
  "a chunk that is longer than its size": brokenChunk("2\r\nxxxx\r\n"),
  "a line without end for a chunk size": brokenChunk("1;".repeat(50_000)),
  "no last chunk": async (exchange, events) => {
    await exchange.sendStreamHead();
    for (const event of events) await exchange.sendChunk(event);
    exchange.cut();
  },
};

const ASSERTS: Readonly<Record<Moment, (seen: Got, what: string) => void>> = {
  before: ({ text, doneCount }, what) => assert.deepEqual([text, doneCount], [SPARE_TEXT, 1], what),
  after: ({ text, doneCount, errors, finish }, what) =>
    assert.deepEqual([text, doneCount, errors.length, finish], ["one ", 0, 1, null], what),
  end: ({ text, doneCount, errors, finish }, what) =>
    assert.deepEqual([text, doneCount, errors, finish], ["one two", 1, [], "stop"], what),
};

for (const kind of KINDS) {
  const breaks = Object.entries(BREAKS);
  rowTest("lying-lengths", {
    name: `${kind}: a stream with broken framing is a fault, unless its end marker came before`,
    body: () =>
      withVariants({
        kind,
        count: breaks.length * MOMENTS.length,
        script: async (exchange, variant) => {
          const [, breakIt] = breaks[Math.floor(variant / MOMENTS.length)] ?? [];
          const moment = MOMENTS[variant % MOMENTS.length] ?? "end";
          await breakIt?.(exchange, eventsUpTo(kind, moment));
        },
      }, async ({ ask }) => {
        for (const [position, [name]] of breaks.entries()) {
          for (const [offset, moment] of MOMENTS.entries()) {
            const seen = await ask(position * MOMENTS.length + offset);
            ASSERTS[moment](seen, `${name}, ${moment}`);
            assert.doesNotMatch(seen.raw, /smuggled|xx/);
          }
        }
      }),
  });

  rowTest("lying-lengths", {
    name: `${kind}: a whole answer with a lying content-length is a fault`,
    body: () =>
      withVariants({
        kind,
        count: 2,
        script: async (exchange, variant) => {
          const body = JSON.stringify(wholeBody(kind, { text: ["one"] }));
          const length = variant === 0 ? body.length + 1 : body.length - 1;
          await exchange.sendWhole(200, body, { "content-length": String(length) });
          if (variant === 0) exchange.cut();
        },
      }, async ({ ask }) => {
        for (const variant of [0, 1]) {
          const seen = await ask(variant, { "stream": false, "stream_options": null });
          assert.deepEqual([seen.text, seen.status], [SPARE_TEXT, 200], `variant ${variant}`);
        }
      }),
  });

  rowTest("lying-lengths", {
    name: `${kind}: what follows a body that was too long for its length answers nobody`,
    body: () =>
      withVariants({
        kind,
        count: 8,
        script: async (exchange, variant) => {
          const text = [`answer ${variant}`];
          if (variant % 2 === 1) return await exchange.answer({ text });
          const body = streamEvents(kind, { text }).join("");
          const forged = streamEvents(kind, { text: ["forged"] }).join("");
          const head = `HTTP/1.1 200 OK\r\ncontent-type: ${STREAM_TYPES[kind]}\r\n`;
          await exchange.sendStreamHead({ "content-length": String(body.length) });
          await exchange.sendRaw(`${body}${head}content-length: ${forged.length}\r\n\r\n${forged}`);
          exchange.end();
        },
      }, async ({ ask }) => {
        for (let variant = 0; variant < 8; variant++) {
          const { text, doneCount } = await ask(variant);
          assert.deepEqual([text, doneCount], [`answer ${variant}`, 1]);
        }
      }),
  });
}
