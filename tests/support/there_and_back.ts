/** Conversations that go from model to model, and what each model must and must not see of the others. */

import assert from "node:assert/strict";
import {
  arrayAt,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  stringAt,
} from "../../src/core/json.ts";
import { blocksOf, type Piece } from "./fake_vendor.ts";
import { objects } from "./anthropic_messages_validator.ts";
import type { Random } from "./random.ts";
import { sealRedacted, sealThinking } from "./thinking_seal.ts";
import { piecesOf } from "./wire_prefix.ts";

/** The aliases, and the ids that their vendors know. */
export const MODEL_IDS = {
  adaptive: "claude-sonnet-4-6",
  budget: "claude-haiku-4-5",
  router: "vendor/thinker",
  local: "qwen3:8b",
} as const;

/** An alias. */
export type Alias = keyof typeof MODEL_IDS;

/** The aliases. */
export const ALIASES = ["adaptive", "budget", "router", "local"] as const;

/** One answer of a conversation. */
export interface PlannedStep {
  readonly alias: Alias;
  readonly stream: boolean;
  readonly pieces: readonly Piece[];
  /** The user speaks before it. */
  readonly ask: string | null;
}

/** Draws a conversation: some questions, each with some rounds of tools and a text at the end. */
export function planConversation(random: Random): readonly PlannedStep[] {
  const steps: PlannedStep[] = [];
  const askCount = random.integer(1, 3);
  for (let ask = 0; ask < askCount; ask++) {
    const rounds = random.integer(1, 4);
    for (let round = 0; round < rounds; round++) {
      const alias = random.pick(ALIASES);
      steps.push({
        alias,
        stream: random.chance(0.5),
        pieces: drawPieces(random, { alias, isLast: round === rounds - 1 }),
        ask: round === 0 ? `Question ${word(random)}?` : null,
      });
    }
  }
  return steps;
}

function word(random: Random): string {
  return random.integer(0x10000000, 0x7fffffff).toString(16);
}

interface Draw {
  readonly alias: Alias;
  readonly isLast: boolean;
}

/** Answers often say the same: "Done." must not be taken for another "Done.". */
function drawPieces(random: Random, { alias, isLast }: Draw): readonly Piece[] {
  const isClaude = alias === "adaptive" || alias === "budget";
  const thinks = random.chance(0.85);
  const pieces: Piece[] = [];
  const think = () => pieces.push({ type: "thinking", thought: `Thought ${word(random)}.` });
  if (thinks) think();
  if (thinks && alias !== "local" && random.chance(0.2)) {
    pieces.push({ type: "redacted", thought: word(random) });
  }
  if (isLast || random.chance(0.5)) {
    pieces.push({ type: "text", text: random.chance(0.3) ? "Done." : `Said ${word(random)}.` });
  }
  if (isLast) return pieces;
  if (isClaude && thinks && pieces.length > 1 && random.chance(0.3)) think();
  const count = random.integer(1, 2);
  for (let call = 0; call < count; call++) {
    const id = isClaude ? `toolu_01${word(random)}${word(random)}` : callId(random, call);
    const name = random.pick(["look", "fs.read"]);
    pieces.push({
      type: "call",
      id,
      name: isClaude ? name.replace(".", "_") : name,
      city: word(random),
    });
  }
  return pieces;
}

function callId(random: Random, call: number): string {
  return random.pick([
    `call_${call}`,
    `call_${word(random)}${word(random)}`,
    `functions.look:${call}`,
  ]);
}

/** What stands behind a request: the steps before it, and who is asked now. */
export interface Past {
  readonly steps: readonly PlannedStep[];
  readonly alias: Alias;
  readonly keepsReasoning: boolean;
  /** The names of what was left out of the request. */
  readonly dropped: string;
}

/** Fails when the body holds what other models thought. */
export function assertNothingForeign(
  body: JsonObject,
  { steps, alias, keepsReasoning }: Past,
): void {
  const text = JSON.stringify(body);
  for (const step of steps.filter((step) => step.alias !== alias)) {
    for (const piece of step.pieces) {
      if (piece.type !== "thinking" && piece.type !== "redacted") continue;
      const seal = piece.type === "thinking" ? sealThinking : sealRedacted;
      assert.ok(!text.includes(seal(MODEL_IDS[step.alias], piece.thought)), `${step.alias}'s seal`);
      if (!keepsReasoning) {
        assert.ok(!text.includes(piece.thought), `${step.alias}'s ${piece.thought}`);
      }
    }
  }
}

/** The steps of the tool turn that the request goes on with, the model's own. */
function listOwnSteps({ steps, alias }: Past): readonly PlannedStep[] {
  const start = steps.findLastIndex((step) => step.ask !== null);
  return steps.slice(Math.max(0, start)).filter((step) => step.alias === alias);
}

/** Whether a tool turn that has just gone on to this model holds calls of others. */
function hasForeignCalls({ steps, alias }: Past): boolean {
  const start = steps.findLastIndex((step) => step.ask !== null);
  return steps.slice(Math.max(0, start)).some((step) =>
    step.alias !== alias || !step.pieces.some((piece) => piece.type === "thinking")
  );
}

/** Fails unless the model finds its own thinking where it was, in the tool turn that goes on. */
export function assertOwnThinking(body: JsonObject, past: Past): void {
  const model = MODEL_IDS[past.alias];
  const isOff = past.alias === "budget" && hasForeignCalls(past) &&
    /\breasoning_effort\b/.test(past.dropped);
  if (isOff) return;
  for (const step of listOwnSteps(past).filter(hasThinking)) {
    if (past.alias === "router") assertDetails(body, step, model);
    else if (past.alias === "local") assertLocalThinking(body, step);
    else assertBlocks(body, step, model);
  }
}

function hasThinking({ pieces }: PlannedStep): boolean {
  return pieces.some((piece) => piece.type === "thinking");
}

/** The answer's blocks stand one after the other, as they were. */
function assertBlocks(body: JsonObject, step: PlannedStep, model: string): void {
  const wanted = blocksOf(step.pieces, model).map((block) => JSON.stringify(block));
  const found = objects(body["messages"]).some((message) => {
    const blocks = piecesOf({ "messages": objects(message["content"]) });
    return blocks.some((_, at) => wanted.every((block, index) => blocks[at + index] === block));
  });
  assert.ok(found, `${wanted.join(" ")}\nis not in ${JSON.stringify(body["messages"])}`);
}

function assertDetails(body: JsonObject, { pieces }: PlannedStep, model: string): void {
  const wanted = pieces.flatMap((piece) =>
    piece.type === "thinking" ? [sealThinking(model, piece.thought)] : []
  );
  const details = objects(body["messages"]).map((message) =>
    arrayAt(message, "reasoning_details").map((detail) => stringAt(detail, "signature") ?? "")
      .filter((signature) => signature !== "")
  );
  const found = details.some((seals) => JSON.stringify(seals) === JSON.stringify(wanted));
  assert.ok(found, `no message has the details ${wanted}: ${JSON.stringify(body["messages"])}`);
}

function assertLocalThinking(body: JsonObject, { pieces }: PlannedStep): void {
  const wanted = pieces.flatMap((piece) => piece.type === "thinking" ? [piece.thought] : [])
    .join("");
  const found = objects(body["messages"]).some((message) => message["thinking"] === wanted);
  assert.ok(found, `no message has the thinking ${wanted}: ${JSON.stringify(body["messages"])}`);
}

/** Whether a body holds any thinking, in any dialect. */
export function holdsThinking(body: JsonValue): boolean {
  if (Array.isArray(body)) return body.some(holdsThinking);
  if (!isJsonObject(body)) return false;
  if (body["type"] === "thinking" || body["type"] === "redacted_thinking") return true;
  return arrayAt(body, "messages").some(holdsThinking) ||
    arrayAt(body, "content").some(holdsThinking);
}
