/**
 * The transcript of a coding agent at work, from `tests/fixtures/transcript.json`:
 *
 * - `system`: an opening, and rules that are repeated for each of the areas in place of `{area}`.
 * - `tools`: name, description, and the properties of the parameters.
 * - `turns`: one for each answer of the model, which is one request. `ask` is what the user says
 *   before it, with a name and with what it `needs` in its author's judgement: it is told beside what
 *   pirouter judges, and never to pirouter. `says` is the answer's text, followed by so many made-up
 *   `lines`; `calls` are the tools that it calls, each with its `args` and with what it `gives`.
 *   `beside` are the housekeeping requests of the client before the turn: conversations of their own.
 * - Where a text is long it stands for itself as an object such as `{"file": 96}`, and is made up from
 *   a seed (`TextSpec`), so that the same transcript is played each time.
 */

import type { DifficultyTier } from "../../src/core/difficulty_tier.ts";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { Random } from "./random.ts";
import { type TextSpec, writeText } from "./transcript_text.ts";
import type { ScriptedCall } from "./upstream_wire.ts";

/** What the user asks. */
export interface TranscriptAsk {
  readonly name: string;
  readonly needs: DifficultyTier;
  readonly text: string;
}

/** A call of a tool, and what the tool gives back. */
export interface TranscriptCall extends ScriptedCall {
  readonly result: string;
}

/** A request beside the conversation. */
export interface Housekeeping {
  readonly system: string;
  readonly text: string;
  readonly says: string;
}

/** One answer of the model, and what comes before it. */
export interface TranscriptTurn {
  /** Counted from 1. */
  readonly number: number;
  /** What is asked; the same in all turns until the next ask. */
  readonly ask: TranscriptAsk;
  /** Whether the user says it before this turn. */
  readonly isAsked: boolean;
  readonly beside: readonly Housekeeping[];
  readonly says: string;
  readonly calls: readonly TranscriptCall[];
}

/** A whole session. */
export interface Transcript {
  readonly system: string;
  readonly tools: readonly JsonObject[];
  readonly turns: readonly TranscriptTurn[];
}

interface Script {
  readonly system: {
    readonly opening: string;
    readonly areas: readonly string[];
    readonly rules: readonly string[];
  };
  readonly tools: readonly {
    readonly name: string;
    readonly description: string;
    readonly parameters: JsonObject;
    readonly required: readonly string[];
  }[];
  readonly turns: readonly ScriptTurn[];
}

interface ScriptTurn {
  readonly ask?: TranscriptAsk;
  readonly beside?: readonly Housekeeping[];
  readonly says: string;
  readonly lines?: number;
  readonly calls?: readonly {
    readonly tool: string;
    readonly args: Readonly<Record<string, TextSpec | readonly JsonValue[] | number>>;
    readonly gives: TextSpec;
  }[];
}

const FILE = new URL("../fixtures/transcript.json", import.meta.url);

/** Reads the transcript, with all its long texts. */
export async function readTranscript(): Promise<Transcript> {
  const { system, tools, turns }: Script = JSON.parse(await Deno.readTextFile(FILE));
  const rules = system.areas.flatMap((area) =>
    system.rules.map((rule) => `- ${rule.replaceAll("{area}", area)}`)
  );
  const [first] = turns;
  if (first?.ask === undefined) throw new Error("the first turn of the transcript asks nothing");
  let ask = first.ask;
  const written = turns.map((turn, index) => {
    ask = turn.ask ?? ask;
    return writeTurn(turn, { number: index + 1, ask });
  });
  return {
    system: [system.opening, ...rules].join("\n"),
    tools: tools.map(toTool),
    turns: written,
  };
}

function toTool(
  { name, description, parameters, required }: Script["tools"][number],
): JsonObject {
  const schema = { "type": "object", "properties": parameters, "required": [...required] };
  return { "type": "function", "function": { name, description, "parameters": schema } };
}

function writeTurn(
  turn: ScriptTurn,
  { number, ask }: Pick<TranscriptTurn, "number" | "ask">,
): TranscriptTurn {
  const random = new Random(`turn ${number}`);
  const lines = turn.lines === undefined ? [] : [writeText({ prose: turn.lines }, random)];
  return {
    number,
    ask,
    isAsked: turn.ask !== undefined,
    beside: turn.beside ?? [],
    says: [turn.says, ...lines].join("\n"),
    calls: (turn.calls ?? []).map(({ tool, args, gives }, index) => ({
      id: `call_${number}_${index + 1}`,
      name: tool,
      arguments: JSON.stringify(
        args,
        (_, value) => isSpec(value) ? writeText(value, random) : value,
      ),
      result: writeText(gives, random),
    })),
  };
}

/** Of the arguments only those that are made up are objects with such a key. */
function isSpec(value: unknown): value is TextSpec {
  return typeof value === "object" && value !== null && ("code" in value || "prose" in value);
}
