/** Conversations in the order that Anthropic demands. */

import type Anthropic from "@anthropic-ai/sdk";
import { type ChatMessage, functionOfCall } from "../core/chat.ts";
import { type JsonObject, type JsonValue, stringAt } from "../core/json.ts";
import { parseCallArguments } from "./call_arguments.ts";
import {
  type Block,
  encodeContent,
  isBlank,
  markLast,
  readCacheMark,
  textBlock,
} from "./anthropic_block.ts";
import type { EncodingNotes } from "./anthropic_notes.ts";
import { isThinking, restoreThinking, type SaidBlocks } from "./anthropic_thinking.ts";
import {
  labelOfResult,
  MISSING_RESULT,
  type PairedCall,
  type Pairing,
  pairToolCalls,
} from "./tool_pairing.ts";

/** A message on the wire. */
export interface Turn extends JsonObject {
  readonly role: "user" | "assistant";
  readonly content: readonly Block[];
}

/** A conversation on the wire. */
export interface Conversation {
  readonly system: readonly Block[];
  readonly turns: readonly Turn[];
  /** The ids, on the wire, of the calls that are known to be this very model's. */
  readonly ownCalls: ReadonlySet<string>;
}

/** What the encoding of a conversation needs to know. */
export interface ConversationOptions {
  readonly notes: EncodingNotes;
  /** The wire name of a tool. */
  readonly toolName: (name: string) => string;
  /** Whether the last turn may be the start of the assistant's answer. */
  readonly allowsPrefill: boolean;
  /** What the model gave with the assistant message at this index; null when that is not known. */
  readonly recall: (index: number) => JsonObject | null;
}

/** Stands for what came before a conversation that starts with the assistant. */
const OPENING_TEXT = "(continued)";
/** Ends a conversation whose last turn would else be the assistant's, where that is refused. */
const CLOSING_TEXT = "Continue.";

/**
 * Encodes the messages as alternating turns, the user's first. Every tool result follows its call;
 * a result without a call becomes the user's text, a call without a result gets one that says so.
 * System and developer messages at the start become the system prompt. Later ones stay where they
 * are, as text of the user's: in the system prompt they would change what all earlier turns follow,
 * and no prompt cache would know the conversation again.
 * Rules: https://platform.claude.com/docs/en/api/messages
 */
export function encodeConversation(
  messages: readonly ChatMessage[],
  options: ConversationOptions,
): Conversation {
  const pairing = pairToolCalls(messages);
  const system: Block[] = [];
  const turns: Turn[] = [];
  const ownCalls = new Set<string>();
  const start = messages.findIndex((message) => !isSystem(message));
  for (const [index, message] of messages.entries()) {
    noteUnsaid(message, { ...options, index });
    if (isSystem(message) && (index < start || start < 0)) {
      system.push(...encodeMarked(message, options.notes));
    } else {
      turns.push(...encodeMessage(message, { ...options, pairing, index, ownCalls }));
    }
  }
  const mayPrefill = options.allowsPrefill && messages.at(-1)?.role === "assistant";
  return { system, turns: frameTurns(mergeTurns(turns), mayPrefill), ownCalls };
}

function isSystem({ role }: ChatMessage): boolean {
  return role === "system" || role === "developer";
}

/** The turns without the model's thinking, for a request in which it does not think. */
export function withoutThinking(turns: readonly Turn[]): readonly Turn[] {
  return turns.map((turn) =>
    turn.content.some(isThinking)
      ? { ...turn, "content": turn.content.filter((block) => !isThinking(block)) }
      : turn
  );
}

interface MessageOptions extends ConversationOptions {
  readonly pairing: Pairing;
  readonly index: number;
  /** Collects the calls that are known to be the model's own. */
  readonly ownCalls: Set<string>;
}

function encodeMessage(message: ChatMessage, options: MessageOptions): readonly Turn[] {
  const { index, notes, pairing } = options;
  if (message.role === "user") {
    return [{ "role": "user", "content": encodeMarked(message, notes) }];
  }
  if (message.role === "assistant") return encodeAssistant(message, options);
  if (isSystem(message)) return encodeLateSystem(message, notes);
  if (pairing.isPaired(index)) return [];
  const label = textBlock(labelOfResult(message["tool_call_id"] ?? ""));
  return [{ "role": "user", "content": [label, ...encodeMarked(message, notes)] }];
}

/** A tag tells the model that this is not what the user says. */
function encodeLateSystem(message: ChatMessage, notes: EncodingNotes): readonly Turn[] {
  const blocks = encodeMarked(message, notes).map((block) => {
    const text = stringAt(block, "text");
    return text === undefined ? block : { ...block, "text": `<system>\n${text}\n</system>` };
  });
  return [{ "role": "user", "content": blocks }];
}

function encodeAssistant(message: ChatMessage, options: MessageOptions): readonly Turn[] {
  const { index, notes, pairing } = options;
  const calls = pairing.callsAt(index);
  const said = encodeContent(message.content, notes);
  const refusal = stringAt(message, "refusal") ?? "";
  const texts = [
    ...said.filter((block) => block.type === "text"),
    ...(isBlank(refusal) ? [] : [textBlock(refusal)]),
  ];
  const uses = calls.map((paired) => encodeCall(paired, options));
  const blocks = recallThinking({ texts, uses }, options);
  const turn = {
    "role": "assistant",
    "content": markLast(blocks, readCacheMark(message)),
  } as const;
  const results = calls.map((paired) => encodeResult(paired, notes));
  const shown = showMedia(said.filter((block) => block.type !== "text"));
  return [turn, { "role": "user", "content": [...results, ...shown] }];
}

/** The message's blocks, with the thinking that this model gave with it. */
function recallThinking(said: SaidBlocks, options: MessageOptions): readonly Block[] {
  const blocks = [...said.texts, ...said.uses];
  const keepsake = blocks.length === 0 ? null : options.recall(options.index);
  if (keepsake === null) return blocks;
  for (const { id } of said.uses) options.ownCalls.add(String(id));
  return restoreThinking(said, keepsake);
}

/** Images and files of the assistant's: the vendor takes them from the user alone. */
function showMedia(media: readonly Block[]): readonly Block[] {
  return media.length === 0 ? [] : [textBlock("[Shown by the assistant]"), ...media];
}

function encodeCall(paired: PairedCall, options: ConversationOptions): Block {
  const { name, arguments: text } = functionOfCall(paired.call);
  return {
    "type": "tool_use",
    "id": paired.wireId,
    "name": options.toolName(name),
    "input": parseCallArguments(text),
  } as const satisfies Anthropic.ToolUseBlockParam;
}

function encodeResult(paired: PairedCall, notes: EncodingNotes): Block {
  const head = { "type": "tool_result", "tool_use_id": paired.wireId } as const;
  if (paired.result === null) {
    return {
      ...head,
      "content": MISSING_RESULT,
      "is_error": true,
    } satisfies Anthropic.ToolResultBlockParam;
  }
  const { content } = paired.result;
  const blocks = encodeContent(content, notes);
  const tail = {
    ...(paired.result["is_error"] === true ? { "is_error": true } : {}),
    ...readCacheMark(paired.result),
  };
  if (blocks.length === 0) return { ...head, ...tail };
  return { ...head, "content": typeof content === "string" ? content : blocks, ...tail };
}

function encodeMarked(message: ChatMessage, notes: EncodingNotes): readonly Block[] {
  return markLast(encodeContent(message.content, notes), readCacheMark(message));
}

function mergeTurns(turns: readonly Turn[]): readonly Turn[] {
  const merged: { readonly role: Turn["role"]; readonly content: Block[] }[] = [];
  for (const turn of turns) {
    if (turn.content.length === 0) continue;
    const last = merged.at(-1);
    if (last?.role === turn.role) last.content.push(...turn.content);
    else merged.push({ "role": turn.role, "content": [...turn.content] });
  }
  return merged;
}

function frameTurns(turns: readonly Turn[], mayPrefill: boolean): readonly Turn[] {
  const opened = turns[0]?.role === "user" ? turns : [userTurn(OPENING_TEXT), ...turns];
  const last = opened.at(-1);
  if (last?.role !== "assistant") return opened;
  const trimmed = [...opened.slice(0, -1), { ...last, "content": last.content.map(trimText) }];
  return mayPrefill ? trimmed : [...trimmed, userTurn(CLOSING_TEXT)];
}

function userTurn(text: string): Turn {
  return { "role": "user", "content": [textBlock(text)] };
}

/** Anthropic refuses a final assistant text that ends with white space. */
function trimText(block: Block): Block {
  const text = stringAt(block, "text");
  return text === undefined ? block : { ...block, "text": text.trimEnd() };
}

/** What of a message is encoded, or says nothing that a provider must be told. */
const SAID_KEYS: ReadonlySet<string> = new Set([
  "role",
  "content",
  "tool_calls",
  "tool_call_id",
  "refusal",
  "cache_control",
  "is_error",
]);

/** The names of reasoning; the model's own comes back as it was, whatever the client brings. */
const REASONING_KEYS: ReadonlySet<string> = new Set([
  "reasoning_content",
  "reasoning",
  "reasoning_text",
  "reasoning_details",
]);

function noteUnsaid(
  message: ChatMessage,
  { notes, recall, index }: ConversationOptions & { readonly index: number },
): void {
  for (const [key, value] of Object.entries(message)) {
    if (SAID_KEYS.has(key) || saysNothing(value)) continue;
    const isName = key === "name" && message.role === "tool"; // the call says it
    const isRecalled = REASONING_KEYS.has(key) && recall(index) !== null;
    if (!isName && !isRecalled) notes.drop(`messages.${key}`);
  }
}

function saysNothing(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === "" || value === false ||
    (Array.isArray(value) && value.length === 0);
}
