/** What a simulated model says: made of the request alone, so the same request gets the same answer. */

import {
  arrayAt,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  objectAt,
  stringAt,
} from "../core/json.ts";
import type { Persona } from "./persona.ts";
import type { Ask, OfferedTool, Reply } from "./wire.ts";

/** The marker by which a weak model asks for a stronger one. */
const ESCALATION_MARKER = "<escalate/>";

/** Characters that one token stands for, roughly. */
const CHARACTERS_PER_TOKEN = 4;

/** What a reply needs besides the request. */
export interface ReplyOrigin {
  readonly persona: Persona;
  /** Unique a request. */
  readonly serial: number;
  /** Seconds since 1970. */
  readonly created: number;
}

/** Answers a request: with a call when a tool fits it, as JSON when that is asked for, else in words. */
export function composeReply(ask: Ask, origin: ReplyOrigin): Reply {
  const { persona, serial, created } = origin;
  const tool = persona.behaviour === "answer" ? chooseTool(ask) : undefined;
  const pieces = tool === undefined ? splitPieces(composeText(ask, persona)) : [];
  const args = tool === undefined ? {} : fillObject(tool.schema, ask.text);
  const inputTokens = Math.max(1, Math.ceil(ask.promptLength / CHARACTERS_PER_TOKEN));
  return {
    id: `sim${serial}`,
    modelId: persona.modelId,
    created,
    pieces,
    toolCall: tool === undefined
      ? null
      : { id: `call_sim${serial}`, name: tool.name, arguments: args },
    inputTokens,
    // A conversation that goes on finds its first half in the cache.
    cachedTokens: ask.turnCount > 1 ? Math.floor(inputTokens / 2) : 0,
    outputTokens: pieces.length +
      (tool === undefined ? 0 : Math.ceil(JSON.stringify(args).length / CHARACTERS_PER_TOKEN)),
  };
}

function composeText(ask: Ask, persona: Persona): string {
  if (persona.behaviour === "weak") {
    return /\bone word\b/i.test(ask.text) ? "Perhaps." : ESCALATION_MARKER;
  }
  if (ask.schema !== null) return JSON.stringify(fillObject(ask.schema, ask.text));
  if (ask.toolResult !== null) {
    return `The tool answered: ${ask.toolResult} That is all ${persona.modelId} needs to know.`;
  }
  const topic = TOPICS.find(({ pattern }) => pattern.test(ask.text)) ?? OTHER_TOPIC;
  return `This is ${persona.modelId}, ${persona.title}. You asked: "${
    quote(ask.text)
  }" ${topic.text}`;
}

interface Topic {
  readonly pattern: RegExp;
  readonly text: string;
}

const OTHER_TOPIC: Topic = {
  pattern: /./,
  text: "A real model would answer here; this one only shows how the answer travels, " +
    "token by token, from the provider through pirouter to you.",
};

const TOPICS: readonly Topic[] = [
  {
    pattern: /capital of france/i,
    text: "The capital of France is Paris; it lies on the Seine and has about two million people.",
  },
  {
    pattern: /\b(design|architecture|trade-?offs?|migrat\w*)\b/i,
    text: "First write down the load and the failures to survive. Then split the data by tenant, " +
      "make every write idempotent, move readers before writers, and keep the old path until the " +
      "new one has run for a week without a difference.",
  },
  {
    pattern: /\b(code|function|regex|typescript|python|sql|bug)\b/i,
    text:
      "Start with a test that fails, such as add(2, 3) === 5, then write the shortest function " +
      "that passes it: const add = (a: number, b: number): number => a + b;",
  },
  {
    pattern: /\b(haiku|poem|rhyme)\b/i,
    text: "Packets find their way; the cheaper road was enough; the ledger is calm.",
  },
];

function quote(text: string): string {
  const words = text.trim().split(/\s+/);
  return words.length <= 8 ? words.join(" ") : `${words.slice(0, 8).join(" ")} …`;
}

/** Words with the space before them: what joins again to the same text. */
function splitPieces(text: string): readonly string[] {
  return text.match(/\s*\S+/g) ?? [];
}

/** The first tool one of whose name's words the ask has: `get_weather` for "weather". */
function chooseTool(ask: Ask): OfferedTool | undefined {
  if (ask.toolResult !== null) return undefined;
  const text = ask.text.toLowerCase();
  return ask.tools.find(({ name }) =>
    name.split(/[_\-.]|(?=[A-Z])/).some((word) =>
      word.length > 3 && text.includes(word.toLowerCase())
    )
  );
}

function fillObject(schema: JsonObject, text: string): JsonObject {
  const entries = Object.entries(objectAt(schema, "properties") ?? {})
    .map(([name, property]) => [name, fillValue(property, text)]);
  return Object.fromEntries(entries);
}

function fillValue(schema: JsonValue | undefined, text: string): JsonValue {
  if (!isJsonObject(schema)) return quote(text);
  const choices = arrayAt(schema, "enum");
  if (choices[0] !== undefined) return choices[0];
  const type = stringAt(schema, "type") ?? "string";
  return VALUES.get(type)?.(schema, text) ?? nameIn(text);
}

const VALUES: ReadonlyMap<string, (schema: JsonObject, text: string) => JsonValue> = new Map<
  string,
  (schema: JsonObject, text: string) => JsonValue
>([
  ["number", () => 42],
  ["integer", () => 42],
  ["boolean", () => true],
  ["null", () => null],
  ["array", (schema, text) => [fillValue(objectAt(schema, "items"), text)]],
  ["object", fillObject],
]);

/** The name after "in", "of" or "for", such as a city, else the ask itself. */
function nameIn(text: string): string {
  return /\b(?:in|of|for) ([A-Z][\p{L}-]+)/u.exec(text)?.[1] ?? quote(text);
}
