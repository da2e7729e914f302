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

/** Longer ids are shortened (Anthropic); OpenAI itself allows 40 characters. */
const MAX_ID_LENGTH = 128;

interface OpenCall {
  readonly call: AnyToolCall;
  readonly wireId: string;
  readonly turn: number;
  result: ChatMessage | null;
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
  const openById = new Map<string, OpenCall[]>();
  const paired = new Set<number>();
  for (const [turn, message] of messages.entries()) {
    if (message.role === "assistant") {
      const calls = (message["tool_calls"] ?? []).map((call): OpenCall => (
        { call, wireId: ids.assign(call.id), turn, result: null }
      ));
      turns.set(turn, calls);
      for (const call of calls) addOpenCall(openById, call);
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

function addOpenCall(openById: Map<string, OpenCall[]>, call: OpenCall): void {
  const open = openById.get(call.call.id);
  if (open === undefined) openById.set(call.call.id, [call]);
  else open.push(call);
}

/** Removes and returns the first call of the latest turn among calls of one id. */
function takeOpenCall(open: OpenCall[]): OpenCall | undefined {
  const turn = open.at(-1)?.turn;
  const before = open.findLastIndex((call) => call.turn !== turn);
  return open.splice(before + 1, 1)[0];
}
