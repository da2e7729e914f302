import assert from "node:assert/strict";
import { rankOfQuality } from "../../src/core/catalog.ts";
import { judgeToolResult } from "../../src/core/tool_outcome.ts";
import { timedTest } from "../support/deadline.ts";
import { readTranscript } from "../support/transcript.ts";
import { type PlayedTurn, WORLD_MODELS } from "../support/transcript_run.ts";
import {
  ALWAYS_STRONG,
  AUTO_ROUTES,
  findBestSingle,
  type NamedRoute,
  playRoute,
  type RouteResult,
  ROUTES,
} from "./routes.ts";
import { findFlaps, findSwitches } from "./summary.ts";

const TRANSCRIPT = await readTranscript();
const TIMING = { limitMs: 60_000 };

const PLAYED = new Map<string, RouteResult>();

/** What a route comes to; it is played once for all tests. */
async function play(route: NamedRoute): Promise<RouteResult> {
  const result = PLAYED.get(route.name) ?? await playRoute(TRANSCRIPT, route);
  PLAYED.set(route.name, result);
  return result;
}

Deno.test("the transcript has 60 turns, and grows to what a long session has", () => {
  assert.equal(TRANSCRIPT.turns.length, 60);
  const chars = TRANSCRIPT.turns.flatMap(({ ask, isAsked, says, calls }) => [
    isAsked ? ask.text : "",
    says,
    ...calls.flatMap((call) => [call.arguments, call.result]),
  ]).join("").length;
  assert.ok(chars > 4 * 40_000 && chars < 4 * 80_000, `${chars} characters`);
});

Deno.test("the tools of the transcript fail and pass as they are to", () => {
  const outcomesOf = (name: string) =>
    TRANSCRIPT.turns.filter(({ ask }) => ask.name === name).flatMap(({ calls }) => calls)
      .map(({ result }) => judgeToolResult(result)).filter((outcome) => outcome !== "plain");
  assert.deepEqual(outcomesOf("feature"), ["failed", "passed"]);
  const race = ["failed", "failed", "failed", "failed", "failed"];
  assert.deepEqual(outcomesOf("race"), race, "three runs of the tests, an edit, a command");
  assert.deepEqual(outcomesOf("still-fails"), ["failed", "passed"]);
  assert.deepEqual(outcomesOf("green"), ["passed"]);
});

timedTest("playing the transcript twice gives the same", async () => {
  const first = await play(AUTO_ROUTES.balanced);
  const second = await playRoute(TRANSCRIPT, AUTO_ROUTES.balanced);
  assert.deepEqual(first.summary, second.summary);
}, TIMING);

for (const route of Object.values(AUTO_ROUTES)) {
  timedTest(
    `${route.name}: the same configuration decides each recorded request as it did`,
    async () => {
      const { played: { replay, turns, beside } } = await play(route);
      assert.deepEqual(replay.flips, []);
      assert.equal(replay.decidedCount, turns.length + beside.length);
    },
    TIMING,
  );
}

/** The bounds leave room for another judgement of difficulty; today's numbers are in the report. */
const MAX_SWITCHES = 12;
const MAX_COST_SHARE = 0.65;
const MIN_CACHED_SHARE = 0.8;

function turnsOf({ played }: RouteResult, ...names: readonly string[]): readonly PlayedTurn[] {
  return played.turns.filter(({ turn }) => names.includes(turn.ask.name));
}

function strengthOf(turns: readonly PlayedTurn[]): number {
  const ranks = turns.map(({ alias }) => rankOfQuality(WORLD_MODELS[alias].quality));
  return ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length;
}

for (const route of [AUTO_ROUTES.balanced, AUTO_ROUTES.cloud]) {
  timedTest(
    `${route.name}: the transcript costs little, and no turn is below its tier`,
    async () => {
      const [auto, strong] = [
        await play(route),
        await play(ALWAYS_STRONG),
      ];
      const { turns } = auto.played;
      const share = auto.summary.costUsd / strong.summary.costUsd;
      assert.ok(share <= MAX_COST_SHARE, `${share} of what the strong model costs`);
      assert.ok(auto.summary.switches <= MAX_SWITCHES, `${auto.summary.switches} switches`);
      assert.deepEqual(findFlaps(turns), [], "nothing is taken back without need");
      assert.equal(auto.summary.belowJudged, 0, "turns below the tier that they need");
      const cached = (auto.summary.cachedShare ?? 0) / (strong.summary.cachedShare ?? 1);
      assert.ok(
        cached >= MIN_CACHED_SHARE,
        `${cached} of what the strong model reads from its cache`,
      );
    },
    TIMING,
  );
}

timedTest(
  "the failing stretch is with a stronger model than the trivial one before it",
  async () => {
    const auto = await play(AUTO_ROUTES.balanced);
    const trivial = turnsOf(auto, "question", "rename", "commit", "readme");
    const failing = turnsOf(auto, "race").slice(-5);
    assert.ok(strengthOf(failing) > strengthOf(trivial));
    assert.ok(strengthOf(failing) >= rankOfQuality("strong"), "trouble is for a strong model");
    assert.ok(strengthOf(turnsOf(auto, "design")) >= rankOfQuality("standard"));
  },
  TIMING,
);

timedTest(
  "within one ask a conversation never goes to a weaker model while it is in trouble",
  async () => {
    const { played: { turns } } = await play(AUTO_ROUTES.balanced);
    for (const index of findSwitches(turns)) {
      const [before, after] = [turns[index - 1], turns[index]];
      assert.ok(before !== undefined && after !== undefined);
      const isWeaker = strengthOf([after]) < strengthOf([before]);
      const passed = before.turn.calls.some(({ result }) => judgeToolResult(result) === "passed");
      assert.ok(!isWeaker || after.turn.isAsked || passed, `turn ${after.turn.number}`);
    }
  },
  TIMING,
);

timedTest(
  "housekeeping beside the conversation goes to the cheapest, and moves nothing",
  async () => {
    const auto = await play(AUTO_ROUTES.balanced);
    assert.deepEqual(auto.played.beside.map(({ alias }) => alias), ["local", "local", "local"]);
    const quiet = {
      ...TRANSCRIPT,
      turns: TRANSCRIPT.turns.map((turn) => ({ ...turn, beside: [] })),
    };
    const alone = await playRoute(quiet, AUTO_ROUTES.balanced);
    const modelsOf = ({ played }: RouteResult) => played.turns.map(({ alias }) => alias);
    assert.deepEqual(modelsOf(auto), modelsOf(alone));
  },
  TIMING,
);

timedTest("what a local model has read stays known, though its server does not tell", async () => {
  const { played: { turns } } = await play(AUTO_ROUTES.localFirst);
  const waits = turns.flatMap(({ alias, reasons }, index) =>
    alias === "local" && turns[index - 1]?.alias === "local"
      ? reasons.flatMap((reason) => /about (\d+) s to read/.exec(reason)?.[1] ?? [])
      : []
  );
  assert.ok(waits.every((secs) => Number(secs) < 20), `waits of ${waits.join(", ")} s`);
}, TIMING);

timedTest("the best single model is the cheapest that no turn is too hard for", async () => {
  const results: RouteResult[] = [];
  for (const route of ROUTES.filter(({ isSingle }) => isSingle)) {
    results.push(await play(route));
  }
  const best = findBestSingle(results);
  assert.equal(best?.summary.belowJudged, 0);
  assert.equal(best?.route.name, ALWAYS_STRONG.name);
  assert.ok(results.every(({ summary }) => summary.switches === 0));
}, TIMING);
