import assert from "node:assert/strict";
import {
  type AnswerTime,
  DEFAULT_ANSWER_MS,
  DEFAULT_LOAD_MS,
  DEFAULT_PREFILL_TOKENS_PER_SEC,
  type LearnedTimes,
  learnTimes,
  type ReadinessFacts,
  type Reading,
  waitOf,
} from "../../src/core/readiness.ts";

/** A loaded model on the user's machine that has nothing to do. */
const READY: ReadinessFacts = {
  isLoaded: true,
  ahead: 0,
  atOnce: 1,
  loadMs: DEFAULT_LOAD_MS,
  prefillTokensPerSec: DEFAULT_PREFILL_TOKENS_PER_SEC,
  isSpeedKnown: true,
  answerMs: DEFAULT_ANSWER_MS,
};

interface WaitCase {
  readonly name: string;
  readonly facts?: Partial<ReadinessFacts>;
  readonly reading?: Partial<Reading>;
  readonly waitMs: number;
  readonly reasons: readonly string[];
}

const WAITS: readonly WaitCase[] = [
  { name: "is nothing for nothing to read", waitMs: 0, reasons: [] },
  {
    name: "is the time to read the input",
    reading: { inputTokens: 1_200 },
    waitMs: 4_000,
    reasons: ["takes about 4 s to read 1200 tokens"],
  },
  {
    name: "counts what is too short to be told",
    reading: { inputTokens: 149 },
    waitMs: 149_000 / 300,
    reasons: [],
  },
  {
    name: "is told from half a second on",
    reading: { inputTokens: 150 },
    waitMs: 500,
    reasons: ["takes about 1 s to read 150 tokens"],
  },
  {
    name: "leaves out what is in the cache",
    reading: { inputTokens: 1_200, cachedTokens: 900 },
    waitMs: 1_000,
    reasons: ["takes about 1 s to read 300 tokens"],
  },
  {
    name: "is not negative where more is in the cache",
    reading: { inputTokens: 100, cachedTokens: 900 },
    waitMs: 0,
    reasons: [],
  },
  {
    name: "adds loading, after which nothing is in the cache",
    facts: { isLoaded: false, loadMs: 6_000 },
    reading: { inputTokens: 600, cachedTokens: 600 },
    waitMs: 8_000,
    reasons: ["is not loaded: about 6 s to load", "takes about 2 s to read 600 tokens"],
  },
  {
    name: "has no loading where it is unknown whether that is needed",
    facts: { isLoaded: null },
    waitMs: 0,
    reasons: [],
  },
  {
    name: "is that of one request ahead",
    facts: { ahead: 1 },
    waitMs: 10_000,
    reasons: ["has 1 request ahead of it: about 10 s"],
  },
  {
    name: "is that of two requests ahead",
    facts: { ahead: 2 },
    waitMs: 20_000,
    reasons: ["has 2 requests ahead of it: about 20 s"],
  },
  {
    name: "is shorter where several are served at once",
    facts: { ahead: 2, atOnce: 4, prefillTokensPerSec: null },
    reading: { inputTokens: 100_000 },
    waitMs: 5_000,
    reasons: ["has 2 requests ahead of it: about 5 s"],
  },
  {
    name: "is the sum of all, in the order in which they come",
    facts: { ahead: 1, isLoaded: false },
    reading: { inputTokens: 300 },
    waitMs: 16_000,
    reasons: [
      "has 1 request ahead of it: about 10 s",
      "is not loaded: about 5 s to load",
      "takes about 1 s to read 300 tokens",
    ],
  },
];

for (const { name, facts, reading, waitMs, reasons } of WAITS) {
  Deno.test(`waitOf() ${name}`, () => {
    const expected = { waitMs, certainMs: waitMs, reasons };
    assert.deepEqual(waitOf({ ...READY, ...facts }, { inputTokens: 0, ...reading }), expected);
  });
}

Deno.test("waitOf() tells the same of facts that were kept as JSON", () => {
  const facts: ReadinessFacts = { ...READY, ahead: 3, isLoaded: false, prefillTokensPerSec: null };
  const reading = { inputTokens: 500 };
  assert.deepEqual(waitOf(JSON.parse(JSON.stringify(facts)), reading), waitOf(facts, reading));
});

/** A warm answer after a second of reading, which ended a second later. */
const WARM: AnswerTime = {
  ttftMs: 1_000,
  readTokens: 500,
  latencyMs: 2_000,
  isLoaded: true,
  isAlone: true,
};

const COLD: AnswerTime = { ...WARM, ttftMs: 7_000, latencyMs: 8_000, isLoaded: false };

function repeat(count: number, time: AnswerTime): readonly AnswerTime[] {
  return Array.from({ length: count }, () => time);
}

const NOTHING: LearnedTimes = { loadMs: null, prefillTokensPerSec: null, answerMs: null };

interface LearnCase {
  readonly name: string;
  readonly times: readonly AnswerTime[];
  readonly learned: LearnedTimes;
}

const LEARNED: readonly LearnCase[] = [
  { name: "knows nothing of nothing", times: [], learned: NOTHING },
  {
    name: "learns nothing of answers that had to wait for others",
    times: repeat(5, { ...WARM, isAlone: false }),
    learned: NOTHING,
  },
  {
    name: "learns how quickly a loaded model reads and answers",
    times: repeat(3, WARM),
    learned: { loadMs: null, prefillTokensPerSec: 500, answerMs: 2_000 },
  },
  {
    name: "learns no speed of two inputs",
    times: repeat(2, WARM),
    learned: { ...NOTHING, answerMs: 2_000 },
  },
  {
    name: "learns no speed of short inputs",
    times: repeat(5, { ...WARM, readTokens: 199 }),
    learned: { ...NOTHING, answerMs: 2_000 },
  },
  {
    name: "learns no speed where it is unknown whether the model was loaded",
    times: repeat(5, { ...WARM, isLoaded: null }),
    learned: { ...NOTHING, answerMs: 2_000 },
  },
  {
    name: "learns no speed of answers that came as a whole",
    times: repeat(5, { ...WARM, ttftMs: null }),
    learned: { ...NOTHING, answerMs: 2_000 },
  },
  {
    name: "takes inputs that seem to be read at once for cached ones",
    times: [...repeat(3, WARM), ...repeat(8, { ...WARM, ttftMs: 50 })],
    learned: { loadMs: null, prefillTokensPerSec: 500, answerMs: 2_000 },
  },
  {
    name: "learns what loading adds to a first token, which is no part of the answer",
    times: [...repeat(3, WARM), COLD],
    learned: { loadMs: 6_000, prefillTokensPerSec: 500, answerMs: 2_000 },
  },
  {
    name: "takes the median of several loadings",
    times: [...repeat(3, WARM), COLD, { ...COLD, ttftMs: 61_000, latencyMs: 62_000 }, {
      ...COLD,
      ttftMs: 4_000,
      latencyMs: 5_000,
    }],
    learned: { loadMs: 6_000, prefillTokensPerSec: 500, answerMs: 2_000 },
  },
  {
    name: "never takes a loading for less than nothing",
    times: [...repeat(3, WARM), { ...COLD, ttftMs: 500, latencyMs: 1_500 }],
    learned: { loadMs: 0, prefillTokensPerSec: 500, answerMs: 2_000 },
  },
  {
    name: "takes half of a cold first token for loading at least, while the speed is unknown",
    times: [{ ...COLD, readTokens: 3_000 }],
    learned: { loadMs: 3_500, prefillTokensPerSec: null, answerMs: 4_500 },
  },
  {
    name: "takes the default speed for a cold first token of a short input",
    times: [{ ...COLD, readTokens: 300 }],
    learned: { loadMs: 6_000, prefillTokensPerSec: null, answerMs: 2_000 },
  },
];

for (const { name, times, learned } of LEARNED) {
  Deno.test(`learnTimes() ${name}`, () => assert.deepEqual(learnTimes(times), learned));
}

Deno.test("waitOf() is sure of all but reading at a speed that nobody has seen", () => {
  const facts = { ...READY, ahead: 1, answerMs: 2_000, isSpeedKnown: false };
  const { waitMs, certainMs } = waitOf(facts, { inputTokens: 3_000 });
  assert.deepEqual([waitMs, certainMs], [12_000, 2_000]);
});
