/** How a conversation is going: signs that the model in charge does not get on with the task. */

import { type ChatMessage, functionOfCall, textOfContent } from "./chat.ts";
import { judgeToolResult, type ToolOutcome } from "./tool_outcome.ts";
import { readTurns, type Turn, type TurnKind } from "./turn.ts";

/** The trouble since the newest ask that is no correction, and since the last success. */
export interface Trajectory {
  /** Tool results that failed. */
  readonly failures: number;
  /** Calls that were made before, with the same arguments. */
  readonly repeats: number;
  /** Times that the user said that it is not right. */
  readonly corrections: number;
  /** Rounds of tool calls. */
  readonly rounds: number;
  /** What the trouble adds to difficulty: of what is left to 1, this share; 0 without any. */
  readonly lift: number;
  /** In words, without a word of the conversation. */
  readonly reasons: readonly string[];
}

/** What happened, in the order in which it did. */
type Event =
  | { readonly type: "round"; readonly calls: readonly string[] }
  | { readonly type: "result"; readonly outcome: ToolOutcome }
  | { readonly type: "correction" };

/** The newest results whose texts are read; older ones count as plain. */
const MAX_RESULTS = 60;

/** A call is a repetition while the same one is among so many before it. */
const REPEAT_WINDOW = 12;

/** From the second success in a row on, each leaves this much of the failures before. */
const SUCCESS_FADE = 0.7;

/** What tests that pass leave of the corrections before. */
const PASS_FADE = 0.5;

/**
 * Reads the trajectory from the messages alone. Evidence that comes later never lowers `lift`,
 * success does: passing tests clear failures, repeats and rounds; plain successes in a row make
 * failures fade; a new ask begins anew.
 */
export function readTrajectory(
  messages: readonly ChatMessage[],
  turns: readonly Turn[] = readTurns(messages),
): Trajectory {
  const start = turns.at(-1)?.index ?? 0;
  const events = readEvents(
    messages.slice(start),
    new Map(turns.map((turn) => [
      turn.index - start,
      turn.kind,
    ])),
  );
  return weigh(events);
}

function readEvents(
  messages: readonly ChatMessage[],
  kinds: ReadonlyMap<number, TurnKind>,
): readonly Event[] {
  const isResult = (message: ChatMessage, index: number) =>
    message.role === "tool" || message.role === "function" || kinds.get(index) === "output" ||
    kinds.get(index) === "complaint";
  const results = messages.flatMap((message, index) => isResult(message, index) ? [index] : []);
  const readFrom = results.at(-MAX_RESULTS) ?? 0;
  return messages.flatMap((message, index): readonly Event[] => {
    if (message.role === "assistant") return readCalls(message);
    if (isResult(message, index)) {
      const kind = kinds.get(index);
      const outcome = index < readFrom ? "plain" : judgeMessage(message, kind);
      const result: Event = { type: "result", outcome };
      return kind === "output" ? [readOutputCall(message), result] : [result];
    }
    return kinds.get(index) === "correction" ? [{ type: "correction" }] : [];
  });
}

function readCalls(message: ChatMessage): readonly Event[] {
  const calls = (message["tool_calls"] ?? []).map(functionOfCall);
  if (calls.length === 0) return [];
  return [{ type: "round", calls: calls.map(({ name, arguments: args }) => keyOf(name, args)) }];
}

const KEY_CHARS = 4_000;

/** Long arguments are told apart by their length and their ends. */
function keyOf(name: string, args: string): string {
  const text = args.length <= KEY_CHARS
    ? args
    : `${args.length} ${args.slice(0, KEY_CHARS / 2)}${args.slice(-KEY_CHARS / 2)}`;
  return `${name} ${text}`;
}

/** A client that writes results as user messages writes the call in their first line. */
function readOutputCall(message: ChatMessage): Event {
  const [line = ""] = textOfContent(message.content).slice(0, 500).trimStart().split("\n");
  return { type: "round", calls: / for '/.test(line) ? [line] : [] };
}

function judgeMessage(message: ChatMessage, kind: TurnKind | undefined): ToolOutcome {
  if (kind === "complaint" || message["is_error"] === true) return "failed";
  const text = textOfContent(message.content);
  return judgeToolResult(kind === "output" ? withoutHeader(text) : text);
}

/** The header of a result that stands in a user message, and the client's words behind it. */
function withoutHeader(text: string): string {
  const end = text.indexOf("<environment_details>");
  const result = end < 0 ? text : text.slice(0, end);
  const header =
    /^\s*(?:\[[^\n]{1,450}\] Result:|\[tool_result[^\]\n]{0,100}\]|Observation:|<\w+>)\s*/
      .exec(result.slice(0, 600));
  return result.slice(header?.[0].length ?? 0);
}

function weigh(events: readonly Event[]): Trajectory {
  let [failures, failureWeight, streak] = [0, 0, 0];
  let [corrections, correctionWeight] = [0, 0];
  let [rounds, repeats] = [0, 0];
  let recent: readonly string[] = [];
  for (const event of events) {
    if (event.type === "round") {
      rounds++;
      repeats += event.calls.filter((call) => recent.includes(call)).length;
      recent = [...recent, ...event.calls].slice(-REPEAT_WINDOW);
    } else if (event.type === "correction") {
      corrections++;
      correctionWeight++;
    } else if (event.outcome === "failed") {
      failures++;
      failureWeight++;
      streak = 0;
    } else if (event.outcome === "passed") {
      [failures, failureWeight, rounds, repeats, recent] = [0, 0, 0, 0, []];
      correctionWeight *= PASS_FADE;
      streak++;
    } else if (++streak >= 2) {
      failureWeight *= SUCCESS_FADE;
    }
  }
  const lift = liftOf({ failureWeight, correctionWeight, repeats, rounds });
  const counts = { failures, repeats, corrections, rounds };
  return { ...counts, lift, reasons: explain(counts, failureWeight) };
}

interface Weights {
  readonly failureWeight: number;
  readonly correctionWeight: number;
  readonly repeats: number;
  readonly rounds: number;
}

/** A loop this long is nothing: agents read many files. */
const PATIENCE_ROUNDS = 20;

/**
 * 1 − Π(1 − share): each sign takes its share of what the others left. Heuristic: one failure is
 * daily life (.08), three are trouble (.40); one correction is more than one failure (.27).
 */
function liftOf({ failureWeight, correctionWeight, repeats, rounds }: Weights): number {
  const shares = [
    0.75 * saturate(failureWeight ** 2, 8),
    0.6 * saturate(correctionWeight, 1.2),
    0.6 * saturate(repeats ** 2, 6),
    0.25 * saturate(Math.max(0, rounds - PATIENCE_ROUNDS), 20),
  ];
  return 1 - shares.reduce((left, share) => left * (1 - share), 1);
}

/** 0 at 0, 1/2 at `half`, towards 1 beyond. */
function saturate(value: number, half: number): number {
  return value / (value + half);
}

function explain(
  { failures, repeats, corrections, rounds }: Omit<Trajectory, "lift" | "reasons">,
  failureWeight: number,
): readonly string[] {
  const reasons: string[] = [];
  if (failures > 0 && failureWeight >= 0.5) {
    reasons.push(`${failures} tool ${failures === 1 ? "result" : "results"} failed since the ask`);
  }
  if (repeats > 0) reasons.push(`the same call was repeated ${times(repeats)}`);
  if (corrections > 0) {
    const often = corrections === 1 ? "" : `, ${times(corrections)}`;
    reasons.push(`the user says that it is not right yet${often}`);
  }
  if (rounds > PATIENCE_ROUNDS) reasons.push(`a loop of ${rounds} tool calls`);
  return reasons;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
