import assert from "node:assert/strict";
import type { ChatChunk, ChunkDelta } from "../../src/core/chat.ts";
import { advanceGate, concludeGate, GATE_START, type GateOptions } from "../../src/core/gate.ts";

const OPTIONS: GateOptions = {
  minOutputTokens: null,
  marker: null,
  isMarkerAnywhere: false,
  isLast: false,
  hold: "auto",
  reasoning: "live",
};

function chunk(delta: ChunkDelta): ChatChunk {
  return {
    "id": "x",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "m",
    "choices": [{ "index": 0, "delta": delta, "finish_reason": null }],
  };
}

const say = (content: string) => chunk({ "content": content });
const think = (text: string) => chunk({ "reasoning_content": text });
const second = (content: string): ChatChunk => ({
  ...chunk({}),
  "choices": [{ "index": 1, "delta": { "content": content }, "finish_reason": null }],
});
const ROLE = chunk({ "role": "assistant", "content": "" });
const CUT: ChatChunk = {
  ...chunk({}),
  "choices": [{ "index": 0, "delta": {}, "finish_reason": "length" }],
};
const CALL = chunk({
  "tool_calls": [{ "index": 0, "function": { "name": "f", "arguments": "" } }],
});

/** The verdict of each chunk until the first commit or escalation, and of the end if none came. */
function run(options: Partial<GateOptions>, chunks: readonly ChatChunk[]): readonly string[] {
  let state = GATE_START;
  const verdicts: string[] = [];
  for (const next of chunks) {
    const step = advanceGate(state, { ...OPTIONS, ...options, chunk: next });
    state = step.state;
    const { verdict } = step;
    verdicts.push(verdict.type === "escalate" ? `escalate ${verdict.reason}` : verdict.type);
    if (verdict.type === "commit" || verdict.type === "escalate") return verdicts;
  }
  const end = concludeGate(state, { ...OPTIONS, ...options });
  return [...verdicts, end.type === "escalate" ? `end escalate ${end.reason}` : `end ${end.type}`];
}

const MARKER = { marker: "<escalate/>" };
const SHORT = { minOutputTokens: 8 };
const LONG = "one two three four five six seven eight nine ten eleven";

const CASES: readonly (readonly [
  string,
  Partial<GateOptions>,
  readonly ChatChunk[],
  string,
])[] = [
  ["commits at the first text", {}, [ROLE, say("H")], "hold commit"],
  ["commits at a tool call at once", { ...SHORT, ...MARKER }, [ROLE, CALL], "hold commit"],
  [
    "shows reasoning live and stays open",
    {},
    [think("a"), think("b"), say("c")],
    "show show commit",
  ],
  ["holds reasoning when told to", { reasoning: "hold" }, [think("a"), say("c")], "hold commit"],
  ["holds while the text can become the marker", MARKER, [say("<esc"), say("ape>")], "hold commit"],
  ["escalates on the marker", MARKER, [say("<esc"), say("alate/>")], "hold escalate marker"],
  [
    "finds the marker after white space",
    MARKER,
    [say(" \n"), say("<escalate/> x")],
    "hold escalate marker",
  ],
  ["holds white space", {}, [say(" "), say("\n"), say("x")], "hold hold commit"],
  ["holds until the answer is long enough", SHORT, [say("one two "), say(LONG)], "hold commit"],
  ["escalates a short answer at its end", SHORT, [say("Yes.")], "hold end escalate short"],
  ["finds an answer without content empty", {}, [ROLE], "hold end empty"],
  ["finds an answer of reasoning alone empty", {}, [think("hm")], "show end empty"],
  ["finds an answer of white space empty", {}, [say(" \n")], "hold end empty"],
  ["commits the last candidate at its first text", { ...SHORT, ...MARKER, isLast: true }, [
    ROLE,
    say("<"),
  ], "hold commit"],
  ["shows the last candidate's reasoning, and commits at its first text", { isLast: true }, [
    think("a"),
    say("b"),
  ], "show commit"],
  [
    "finds the last candidate's reasoning alone empty",
    { isLast: true },
    [think("a")],
    "show end empty",
  ],
  [
    "lets the client know that the last candidate's limit cut its reasoning",
    { isLast: true },
    [think("a"), CUT],
    "show hold end commit",
  ],
  ["finds a cut answer without text empty while others can answer", {}, [CUT], "hold end empty"],
  [
    "commits at a refusal, which no check judges",
    { ...SHORT, ...MARKER },
    [ROLE, chunk({ "refusal": "No." })],
    "hold commit",
  ],
  ["finds the last candidate's silence empty", { isLast: true }, [ROLE], "hold end empty"],
  [
    "holds all of it with stream_hold = full",
    { hold: "full" },
    [say("a"), CALL, say(LONG)],
    "hold hold hold end commit",
  ],
  [
    "takes a late marker for text",
    MARKER,
    [say("no idea "), say("<escalate/>")],
    "commit",
  ],
  ["finds a late marker with stream_hold = full", {
    hold: "full",
    isMarkerAnywhere: true,
    ...MARKER,
  }, [
    say("no idea "),
    say("<escalate/>"),
  ], "hold hold end escalate marker"],
  [
    "does not hold the last candidate, even with full",
    { hold: "full", isLast: true },
    [say("a")],
    "commit",
  ],
  [
    "counts each delta as a token, however little it says",
    SHORT,
    Array(8).fill(say("a")),
    "hold hold hold hold hold hold hold commit",
  ],
  [
    "commits what grows beyond all bounds, though it is to hold everything",
    { hold: "full" },
    [say("a"), say("x".repeat(17_000_000))],
    "hold commit",
  ],
  [
    "commits endless white space in the end",
    {},
    [say(" "), say(" ".repeat(17_000_000))],
    "hold commit",
  ],
  [
    "commits endless reasoning that is held",
    { reasoning: "hold" },
    [think("x".repeat(17_000_000))],
    "commit",
  ],
  [
    "shows no reasoning with which a choice ends",
    {},
    [{
      ...think("a"),
      "choices": [{ "index": 0, "delta": { "reasoning_content": "a" }, "finish_reason": "length" }],
    }],
    "hold end empty",
  ],
  [
    "shows no reasoning beside which another choice answers",
    {},
    [{
      ...think("a"),
      "choices": [
        { "index": 0, "delta": { "reasoning_content": "a" }, "finish_reason": null },
        { "index": 1, "delta": { "content": "x" }, "finish_reason": null },
      ],
    }],
    "hold end empty",
  ],
  [
    "judges the first of several choices",
    MARKER,
    [second("fine"), say("<esc"), second("fine"), say("alate/>")],
    "hold hold hold escalate marker",
  ],
  ["serves a marker prefix that never became one", MARKER, [say("<esc")], "hold end commit"],
];

for (const [name, options, chunks, expected] of CASES) {
  Deno.test(`the gate ${name}`, () => assert.equal(run(options, chunks).join(" "), expected));
}

/** Deltas of reasoning before the marker; those that are shown take no room, however many they are. */
const THINKERS: readonly (readonly [number, Partial<GateOptions>])[] = [
  [100_000, { reasoning: "live" }],
  [20_000, { reasoning: "hold" }],
  [20_000, { hold: "full" }],
];

for (const [count, options] of THINKERS) {
  Deno.test(`the gate finds the marker after ${count} thoughts (${JSON.stringify(options)})`, () => {
    const chunks = [...Array(count).fill(think("hm ")), say("<escalate/>")];
    const verdicts = run({ ...MARKER, isMarkerAnywhere: true, ...options }, chunks);
    assert.match(verdicts.at(-1) ?? "", /escalate marker/);
  });
}

Deno.test("the gate escalates on the marker however it is split", () => {
  for (let at = 1; at < 11; at++) {
    const [a, b] = ["<escalate/>".slice(0, at), "<escalate/>".slice(at)];
    assert.equal(run(MARKER, [say(a), say(b)]).join(" "), "hold escalate marker");
  }
});
