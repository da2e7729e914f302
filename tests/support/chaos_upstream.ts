/** The upstreams of a chaos run: they answer as the plan says, and keep what they said. */

import { type AnswerPlan, planAnswer } from "./chaos_plan.ts";
import { ERROR_EVENTS } from "./fault_script.ts";
import { saidBy } from "./invariants.ts";
import type { Random } from "./random.ts";
import type { Exchange, Script } from "./upstream.ts";
import { STREAM_TYPES, streamEvents, wholeBody } from "./upstream_wire.ts";

/** What upstreams got of one request and said to it. */
export interface ChaosRecord {
  /** The aliases that were asked, in order. */
  readonly asked: string[];
  /** When each was, in milliseconds of `performance.now()`. */
  readonly askedAt: number[];
  /** The texts (with calls) that were said whole, by alias. */
  readonly wholes: Map<string, string[]>;
  /** The texts that were at least begun, by alias. */
  readonly begun: Map<string, string[]>;
  /** The exchanges that are not over. */
  readonly open: Set<Exchange>;
}

/** What all upstreams of a run know. */
export class ChaosRecords {
  readonly #records = new Map<number, ChaosRecord>();

  /** The exchanges of all requests that are not over. */
  get open(): readonly Exchange[] {
    return [...this.#records.values()].flatMap(({ open }) => [...open]);
  }

  /** The record of this request. */
  of(request: number): ChaosRecord {
    const known = this.#records.get(request);
    if (known !== undefined) return known;
    const record = {
      asked: [],
      askedAt: [],
      wholes: new Map(),
      begun: new Map(),
      open: new Set<Exchange>(),
    };
    this.#records.set(request, record);
    return record;
  }
}

/** The script of one upstream. */
export function scriptChaos(
  alias: string,
  { seed, records }: { readonly seed: string; readonly records: ChaosRecords },
): Script {
  return async (exchange) => {
    const request = Number(/ask #(\d+)#/.exec(exchange.request.text)?.[1]);
    const record = records.of(request);
    const repetition = record.asked.filter((each) => each === alias).length;
    record.asked.push(alias);
    record.askedAt.push(performance.now());
    record.open.add(exchange);
    void exchange.over.then(() => record.open.delete(exchange));
    const hasTools = "tools" in exchange.body;
    const plan = planAnswer(seed, { request, alias, repetition, hasTools });
    await waitFor(plan.delayMs, exchange);
    if (plan.laterMs !== null) {
      return await exchange.sendWhole(429, {}, { "retry-after-ms": String(plan.laterMs) });
    }
    if (plan.fault !== null) return await plan.fault.script(exchange, repetition);
    note(record.begun, { alias, text: (plan.answer.text ?? []).join("") });
    const noteWhole = () => note(record.wholes, { alias, text: saidBy(plan.answer) });
    await answer(exchange, { plan, noteWhole });
  };
}

function note(
  texts: Map<string, string[]>,
  { alias, text }: { readonly alias: string; readonly text: string },
): void {
  texts.set(alias, [...texts.get(alias) ?? [], text]);
}

/** A pause that ends early when pirouter leaves. */
async function waitFor(ms: number, exchange: Exchange): Promise<void> {
  if (ms === 0) return;
  const passed = Promise.withResolvers<void>();
  const timer = setTimeout(passed.resolve, ms);
  await Promise.race([passed.promise, exchange.clientLeft]);
  clearTimeout(timer);
}

interface Answering {
  readonly plan: AnswerPlan;
  /** Is called before the end marker goes out. */
  readonly noteWhole: () => void;
}

async function answer(exchange: Exchange, { plan, noteWhole }: Answering): Promise<void> {
  const { kind } = exchange;
  const isStream = exchange.body["stream"] === true;
  const type = isStream ? STREAM_TYPES[kind] : "application/json";
  await exchange.sendHead(200, { "content-type": type });
  const events = isStream
    ? streamEvents(kind, plan.answer)
    : halvesOf(JSON.stringify(wholeBody(kind, plan.answer)));
  const endAt = events.findIndex((event) => isEnd(event));
  const body = events.slice(0, endAt);
  if (plan.breaking !== null) {
    await sendPieces(exchange, plan, body.slice(0, Math.floor(body.length * plan.breaking.share)));
    return await breakOff(exchange, plan.breaking.how);
  }
  await sendPieces(exchange, plan, body);
  noteWhole();
  await sendPieces(exchange, plan, events.slice(endAt));
  await exchange.endChunks();
}

/** Of a whole answer, too, only the last byte makes it one. No piece ends within a character. */
function halvesOf(body: string): readonly string[] {
  const characters = [...body];
  const half = Math.floor(characters.length / 2);
  const first = characters.slice(0, half).join("");
  return [first, body.slice(first.length, -1), body.slice(-1)];
}

/** Whether the event tells that the answer is whole: what follows it may be missing. */
function isEnd(event: string): boolean {
  return event === "}" || /"finish_reason":"|"stop_reason":"|"done":true/.test(event);
}

async function sendPieces(
  exchange: Exchange,
  plan: AnswerPlan,
  events: readonly string[],
): Promise<void> {
  const pieces = plan.isSplit
    ? splitAnywhere(new TextEncoder().encode(events.join("")), plan.random)
    : events;
  for (const piece of pieces) {
    if (exchange.isClientGone) return;
    await exchange.sendChunk(piece);
    await waitFor(plan.paceMs, exchange);
  }
}

function splitAnywhere(bytes: Uint8Array, random: Random): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + random.integer(1, 200);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

async function breakOff(
  exchange: Exchange,
  how: NonNullable<AnswerPlan["breaking"]>["how"],
): Promise<void> {
  switch (how) {
    case "cut":
      return exchange.cut();
    case "reset":
      return exchange.reset();
    case "end":
      return await exchange.endChunks();
    case "silence":
      return void await exchange.clientLeft;
    case "error":
      await exchange.sendChunk(ERROR_EVENTS[exchange.kind]);
      return await exchange.endChunks();
    case "garbage":
      await exchange.sendChunk("data: {]\n\n");
      return await exchange.endChunks();
  }
}
