/** How a conversation is going: signs that the model in charge does not get on with the task. */

import { type ChatMessage, functionOfCall, textOfContent } from "./chat.ts";
import { judgeToolResult, type ToolOutcome } from "./tool_outcome.ts";
import { readTurns, type Turn, type TurnKind } from "./turn.ts";

/** The trouble since the newest ask that is no correction, and since the last success. */
export interface Trajectory {
  /** Tool results that failed. */
  readonly failures: number;
  /** Calls that were made before, with the same arguments and the same result. */
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
type Step =
  | { readonly type: "round"; readonly calls: readonly string[] }
  | { readonly type: "result"; readonly outcome: ToolOutcome; readonly key: string }
  | { readonly type: "correction" };

/** The newest results whose texts are read; older ones count as plain. */
const MAX_RESULTS = 60;

/** A call is a repetition while the same one, with the same result, is among so many before it. */
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
  const steps = readSteps(
    messages.slice(start),
    new Map(turns.map((turn) => [
      turn.index - start,
      turn.kind,
    ])),
  );
  return weigh(steps);
}

function readSteps(
  messages: readonly ChatMessage[],
  kinds: ReadonlyMap<number, TurnKind>,
): readonly Step[] {
  const isResult = (message: ChatMessage, index: number) =>
    message.role === "tool" || message.role === "function" || kinds.get(index) === "output" ||
    kinds.get(index) === "complaint";
  const results = messages.flatMap((message, index) => isResult(message, index) ? [index] : []);
  const readFrom = results.at(-MAX_RESULTS) ?? 0;
  return messages.flatMap((message, index): readonly Step[] => {
    if (message.role === "assistant") return readCalls(message);
    if (isResult(message, index)) {
      const kind = kinds.get(index);
      const outcome = index < readFrom ? "plain" : judgeMessage(message, kind);
      const result: Step = { type: "result", outcome, key: keyOf("", textOfResult(message, kind)) };
      return kind === "output" ? [readOutputCall(message), result] : [result];
    }
    return kinds.get(index) === "correction" ? [{ type: "correction" }] : [];
  });
}

function readCalls(message: ChatMessage): readonly Step[] {
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
function readOutputCall(message: ChatMessage): Step {
  const [line = ""] = textOfContent(message.content).slice(0, 500).trimStart().split("\n");
  return { type: "round", calls: / for '/.test(line) ? [line] : [] };
}

function judgeMessage(message: ChatMessage, kind: TurnKind | undefined): ToolOutcome {
  if (kind === "complaint" || message["is_error"] === true) return "failed";
  return judgeToolResult(textOfResult(message, kind));
}

function textOfResult(message: ChatMessage, kind: TurnKind | undefined): string {
  const text = textOfContent(message.content);
  return kind === "output" ? withoutHeader(text) : text;
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

/** What the steps have come to. */
interface State extends Weights {
  readonly failures: number;
  readonly corrections: number;
  /** Results without a failure in a row; what a repeated call brings again counts for nothing. */
  readonly streak: number;
  /** Calls whose results are still to come. */
  readonly waiting: readonly string[];
  /** Calls with their results. */
  readonly recent: readonly string[];
}

const START: State = {
  failures: 0,
  failureWeight: 0,
  streak: 0,
  corrections: 0,
  correctionWeight: 0,
  rounds: 0,
  repeats: 0,
  waiting: [],
  recent: [],
};

function weigh(steps: readonly Step[]): Trajectory {
  const state = steps.reduce(takeStep, START);
  const { failures, repeats, corrections, rounds, failureWeight } = state;
  const counts = { failures, repeats, corrections, rounds };
  return { ...counts, lift: liftOf(state), reasons: explain(counts, failureWeight) };
}

function takeStep(state: State, step: Step): State {
  switch (step.type) {
    case "round":
      return { ...state, rounds: state.rounds + 1, waiting: step.calls };
    case "correction":
      return {
        ...state,
        corrections: state.corrections + 1,
        correctionWeight: state.correctionWeight + 1,
      };
    case "result":
      return takeResult(state, step);
  }
}

function takeResult(
  before: State,
  { outcome, key }: { readonly outcome: ToolOutcome; readonly key: string },
): State {
  const [call, ...waiting] = before.waiting;
  if (outcome === "passed") {
    const correctionWeight = before.correctionWeight * PASS_FADE;
    const { corrections } = before;
    return { ...START, corrections, correctionWeight, streak: before.streak + 1, waiting };
  }
  const made = call === undefined ? null : `${call}\n${key}`;
  const isRepeat = made !== null && before.recent.includes(made);
  const state = {
    ...before,
    waiting,
    repeats: before.repeats + (isRepeat ? 1 : 0),
    recent: made === null ? before.recent : [...before.recent, made].slice(-REPEAT_WINDOW),
  };
  if (outcome === "failed") {
    const [failures, failureWeight] = [state.failures + 1, state.failureWeight + 1];
    return { ...state, failures, failureWeight, streak: 0 };
  }
  if (isRepeat) return state;
  const streak = state.streak + 1;
  const fade = streak >= 2 ? SUCCESS_FADE : 1;
  return { ...state, streak, failureWeight: state.failureWeight * fade };
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
