/** Which tool message answers which tool call: most vendors accept no call and no result alone. */

import type { AnyToolCall, ChatMessage } from "../core/chat.ts";
import { WireNames } from "./wire_name.ts";

/** A call with its id on the wire and its result; null when the history has none. */
export interface PairedCall {
  readonly call: AnyToolCall;
  readonly wireId: string;
  readonly result: ChatMessage | null;
}

/** The calls of a history by the index of the message that made them, and what answers them. */
export interface Pairing {
  /** The calls that the message at this index made; none for other messages. */
  callsAt(index: number): readonly PairedCall[];
  /** Whether the message at this index is the result of a call. */
  isPaired(index: number): boolean;
}

/** Stands for a result that the history lacks. */
export const MISSING_RESULT = "No result was recorded for this tool call.";

/** Stands before a result whose call the history lacks. */
export function labelOfResult(id: string): string {
  return `[Result of tool call "${id}"]`;
}

/** Longer ids are shortened (Anthropic); OpenAI itself allows 40 characters. */
const MAX_ID_LENGTH = 128;

interface OpenCall extends PairedCall {
  result: ChatMessage | null;
}

/** The calls of one id in one message; the first ones are answered. */
interface OpenTurn {
  readonly turn: number;
  readonly calls: OpenCall[];
  answeredCount: number;
}

/**
 * Pairs every tool message with the latest earlier call of its id that has no result yet, for
 * clients that number their calls anew in every turn. A second result, or one before its call,
 * answers none. `ids` gives every call its id on the wire.
 */
export function pairToolCalls(
  messages: readonly ChatMessage[],
  ids: WireNames = new WireNames(MAX_ID_LENGTH),
): Pairing {
  const turns = new Map<number, readonly OpenCall[]>();
  const openById = new Map<string, OpenTurn[]>();
  const paired = new Set<number>();
  for (const [turn, message] of messages.entries()) {
    if (message.role === "assistant") {
      const calls = (message["tool_calls"] ?? []).map((call): OpenCall => (
        { call, wireId: ids.assign(call.id), result: null }
      ));
      turns.set(turn, calls);
      for (const call of calls) addOpenCall(openById, { call, turn });
    } else if (message.role === "tool") {
      const answered = takeOpenCall(openById.get(message["tool_call_id"] ?? "") ?? []);
      if (answered === undefined) continue;
      answered.result = message;
      paired.add(turn);
    }
  }
  return {
    callsAt: (index) => turns.get(index) ?? [],
    isPaired: (index) => paired.has(index),
  };
}

function addOpenCall(
  openById: Map<string, OpenTurn[]>,
  { call, turn }: { readonly call: OpenCall; readonly turn: number },
): void {
  const id = call.call.id;
  const turns = openById.get(id) ?? [];
  if (turns.length === 0) openById.set(id, turns);
  const latest = turns.at(-1);
  if (latest?.turn === turn) latest.calls.push(call);
  else turns.push({ turn, calls: [call], answeredCount: 0 });
}

/** The first open call of the latest turn among calls of one id, which is then no longer open. */
function takeOpenCall(turns: OpenTurn[]): OpenCall | undefined {
  const latest = turns.at(-1);
  const call = latest?.calls[latest.answeredCount];
  if (latest === undefined) return undefined;
  latest.answeredCount += 1;
  if (latest.answeredCount === latest.calls.length) turns.pop();
  return call;
}
