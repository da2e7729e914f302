/** What upstreams of each dialect say, as their vendors write it. */

import type { JsonObject } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import type { Exchange } from "../support/upstream_exchange.ts";
import { type ScriptedAnswer, streamEvents, wholeBody } from "../support/upstream_wire.ts";

/** One answer, whole and streamed. */
export interface Said {
  readonly whole: JsonObject;
  /** Events or lines, with the end marker. */
  readonly events: readonly string[];
}

/** What is said in each dialect that can say it. */
export type SaidBy = Readonly<Partial<Record<ProviderKind, Said>>>;

/** Answers a request as it asks to be answered. */
export async function say(exchange: Exchange, { whole, events }: Said): Promise<void> {
  if (exchange.body["stream"] !== true) return await exchange.sendWhole(200, whole);
  await exchange.sendStreamHead();
  for (const event of events) await exchange.sendChunk(event);
  await exchange.endChunks();
}

/** What this dialect says. */
export function inDialect(kind: ProviderKind, answer: ScriptedAnswer): Said {
  return { whole: wholeBody(kind, answer), events: streamEvents(kind, answer) };
}

/** The same in all dialects. */
export function everywhere(answer: ScriptedAnswer): SaidBy {
  return {
    openai: inDialect("openai", answer),
    anthropic: inDialect("anthropic", answer),
    ollama: inDialect("ollama", answer),
  };
}

const HEAD = { "id": "chatcmpl-upstream", "created": 1_700_000_000, "model": "upstream-model" };
const USAGE = { "prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18 };

/** What is streamed of one choice: deltas, then the finish reason; and what it is whole. */
export interface RawChoice {
  readonly message: JsonObject;
  readonly deltas: readonly JsonObject[];
  readonly finish: string;
  readonly logprobs?: JsonObject;
}

/** An answer of the OpenAI dialect with these choices; undefined in `head` leaves a field out. */
export function openaiSaid(
  choices: readonly RawChoice[],
  { usage = USAGE, ...head }: JsonObject & { readonly usage?: JsonObject | null } = {},
): Said {
  const chunk = { ...HEAD, "object": "chat.completion.chunk", ...head };
  const chunks = choices.flatMap(({ deltas, finish, logprobs }, index) => [
    ...[{ "role": "assistant", "content": "" }, ...deltas].map((delta) => ({
      index,
      delta,
      ...(logprobs === undefined ? {} : { "logprobs": logprobs }),
      "finish_reason": null,
    })),
    { index, "delta": {}, "finish_reason": finish },
  ]).map((choice): JsonObject => ({ ...chunk, "choices": [choice] }));
  const last = usage === null ? [] : [{ ...chunk, "choices": [], "usage": usage }];
  return {
    whole: {
      ...HEAD,
      "object": "chat.completion",
      ...head,
      "choices": choices.map(({ message, finish, logprobs }, index) => ({
        index,
        "message": { "role": "assistant", "content": null, ...message },
        ...(logprobs === undefined ? {} : { "logprobs": logprobs }),
        "finish_reason": finish,
      })),
      ...(usage === null ? {} : { "usage": usage }),
    },
    events: eventsOf([...chunks, ...last]),
  };
}

/** Chunks as events, and the end marker. */
export function eventsOf(chunks: readonly JsonObject[]): readonly string[] {
  return [...chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), "data: [DONE]\n\n"];
}

/** Text that is streamed in one piece. */
export function textChoice(text: string, finish = "stop"): RawChoice {
  return { message: { "content": text }, deltas: [{ "content": text }], finish };
}

/** An answer of Anthropic's, with what it says at its end and of its usage. */
export function anthropicSaid(
  answer: ScriptedAnswer,
  { stop = null, usage }: { readonly stop?: string | null; readonly usage?: JsonObject | null },
): Said {
  const { whole, events } = inDialect("anthropic", answer);
  const change = (source: JsonObject): JsonObject => ({
    ...source,
    ...(stop === null ? {} : { "stop_reason": stop }),
    ...(usage === undefined ? {} : { "usage": usage ?? undefined }),
  });
  return {
    whole: change(whole),
    events: events.map((event) => changeEvent(event, { change, stop, usage })),
  };
}

interface EventChange {
  readonly change: (source: JsonObject) => JsonObject;
  readonly stop: string | null;
  readonly usage: JsonObject | null | undefined;
}

/** The head has the usage of the input, the end that of the output and the reason. */
function changeEvent(event: string, { change, stop, usage }: EventChange): string {
  const [name = "", data = ""] = event.split("\ndata: ");
  const body = JSON.parse(data);
  if (body.message !== undefined) body.message = { ...change(body.message), "stop_reason": null };
  if (body.delta?.stop_reason !== undefined) {
    body.delta.stop_reason = stop ?? body.delta.stop_reason;
    if (usage === null) delete body.usage;
  }
  return `${name}\ndata: ${JSON.stringify(body)}\n\n`;
}

/** Lines of Ollama's with these fields more: in each of them, in the last alone. */
export function ollamaSaid(
  answer: ScriptedAnswer,
  { each = {}, end = {} }: { readonly each?: JsonObject; readonly end?: JsonObject },
): Said {
  const { whole, events } = inDialect("ollama", answer);
  const lines = events.map((line): JsonObject => JSON.parse(line));
  const changed = lines.map((line, index) =>
    index === lines.length - 1 ? { ...line, ...end } : { ...line, ...each }
  );
  return {
    whole: { ...whole, ...each, ...end },
    events: changed.map((line) => `${JSON.stringify(line)}\n`),
  };
}
