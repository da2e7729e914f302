import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { type Exchange, type Script, Upstream } from "../support/upstream.ts";

const LONG = "An answer that is long enough to count as one.";
const ANSWERING = (exchange: Exchange) =>
  exchange.answer({ text: [LONG], usage: { input: 9_000, output: 20, cached: 8_000 } });

/** What every request reads again, and a prompt cache holds. */
const MANUAL = "Follow the house style in every part of the work. ".repeat(800);

/** The nth request of a conversation, whose opening tells it from others. */
function turn(count: number, opening = "Mend the parser"): JsonObject {
  const history = Array.from({ length: count }, (_, index) => [
    { "role": "user", "content": index === 0 ? opening : `Go on, part ${index}` },
    { "role": "assistant", "content": LONG },
  ]).flat().slice(0, -1);
  return { "model": "auto", "messages": [{ "role": "system", "content": MANUAL }, ...history] };
}

async function ask(
  daemon: TestDaemon,
  body: JsonObject,
  headers: Record<string, string> = {},
): Promise<string> {
  const response = await daemon.chat(body, { headers });
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  return String(answer["model"]);
}

interface World {
  readonly cheap: Upstream;
  readonly dear: Upstream;
  readonly daemon: TestDaemon;
}

async function withTwo(
  scripts: {
    readonly cheap?: Script;
    readonly dear?: Script;
    readonly cascade?: string;
    readonly routing?: string;
  },
  use: (world: World) => Promise<void>,
): Promise<void> {
  await using cheap = new Upstream("openai", scripts.cheap ?? ANSWERING);
  await using dear = new Upstream("openai", scripts.dear ?? ANSWERING);
  const models = [
    {
      alias: "cheap",
      upstream: cheap,
      model: 'quality = "standard"\ninput_per_m = 0.5\noutput_per_m = 0.5\ncache_read_per_m = 0.05',
    },
    {
      alias: "dear",
      upstream: dear,
      model:
        'quality = "strong"\ninput_per_m = 1.0\noutput_per_m = 1.0\ncache_read_per_m = 0.1\ncontext_window = 1000000',
    },
  ];
  const { cascade, routing } = scripts;
  await using daemon = await TestDaemon.start(
    tomlFor(models, {
      rules: "",
      ...(cascade === undefined ? {} : { cascade }),
      ...(routing === undefined ? {} : { routing }),
    }),
  );
  await use({ cheap, dear, daemon });
}

const HARD = { "x-pirouter-difficulty": "hard" };
const EASY = { "x-pirouter-difficulty": "easy" };

timedTest(
  "a conversation keeps its model while the ask is hard and easy in turn",
  () =>
    withTwo({}, async ({ daemon }) => {
      const models = [];
      for (const [index, headers] of [HARD, EASY, EASY, HARD, EASY].entries()) {
        models.push(await ask(daemon, turn(index + 1), headers));
      }
      assert.deepEqual(models, ["dear", "dear", "dear", "dear", "dear"]);
      const { requests } = await daemon.ledger(5);
      assert.match(
        String(requests[1]?.["explanation"]),
        /dear keeps the conversation: about \d+ tokens are in its cache/,
      );
      assert.equal(await ask(daemon, turn(1, "Another one"), EASY), "cheap");
    }),
);

timedTest("a conversation that an escalation has moved stays with the better model", () => {
  const cascade = "on_short_response = true\nmin_output_tokens = 8";
  const cheap: Script = (exchange) => exchange.answer({ text: ["No"] });
  return withTwo({ cheap, cascade }, async ({ daemon, cheap }) => {
    assert.equal(await ask(daemon, turn(1), EASY), "dear");
    assert.equal(await ask(daemon, turn(2), EASY), "dear");
    assert.equal(cheap.exchanges.length, 1, "the weak model is asked once");
    const { requests } = await daemon.ledger(2);
    assert.match(String(requests[1]?.["explanation"]), /a weaker model's answer was not enough/);
  });
});

timedTest(
  "a conversation that a fault has moved stays there after the cool-down, until a probe is due",
  () => {
    let isWell = false;
    const cheap: Script = (exchange) =>
      isWell ? ANSWERING(exchange) : exchange.sendWhole(503, {}, { "retry-after-ms": "20" });
    return withTwo({ cheap }, async ({ daemon, cheap }) => {
      assert.equal(await ask(daemon, turn(1), EASY), "dear");
      isWell = true;
      while ((await (await daemon.fetch("/readyz")).json())["cooling"].length > 0);
      assert.equal(await ask(daemon, turn(2), EASY), "dear");
      assert.equal(await ask(daemon, turn(1, "Another one"), EASY), "cheap");
      assert.equal(cheap.exchanges.length, 2);
      const { requests } = await daemon.ledger(3);
      assert.match(
        String(requests[1]?.["explanation"]),
        /dear keeps the conversation for now: cheap failed/,
      );
    });
  },
);

timedTest(
  "rules, names and profiles move a conversation at once",
  () =>
    withTwo({}, async ({ daemon }) => {
      assert.equal(await ask(daemon, turn(1), EASY), "cheap");
      assert.equal(await ask(daemon, { ...turn(2), "model": "dear" }), "dear");
      assert.equal(
        await ask(daemon, { ...turn(3), "model": "best-quality" }, EASY),
        "dear",
        "best-quality is asked for",
      );
      assert.equal(await ask(daemon, turn(4), { "x-pirouter-route": "dear" }), "dear");
      assert.equal(await ask(daemon, turn(5), EASY), "cheap");
      await daemon.ledger(5);
    }),
);

timedTest(
  "strong_share limits what the policy gives to strong tiers",
  () =>
    withTwo({ routing: "strong_share = 0.1" }, async ({ daemon }) => {
      const models = [];
      for (let index = 0; index < 60; index++) {
        const content =
          `Prove that the theorem number ${index} holds, design a distributed algorithm for it and debug it step by step. ` +
          "Mind every case. ".repeat(index % 17);
        models.push(
          await ask(daemon, { "model": "auto", "messages": [{ "role": "user", content }] }),
        );
      }
      const strong = models.filter((model) => model === "dear").length;
      assert.ok(strong > 0 && strong <= 7, `${strong} of 60 were given to the strong tier`);
      const { requests } = await daemon.ledger(60);
      assert.match(String(requests[59]?.["explanation"]), /strong_share = 0\.1/);
    }),
);

timedTest(
  "the ledger holds what a decision was made from, and nothing of the conversation's text",
  () =>
    withTwo({}, async ({ daemon }) => {
      await ask(daemon, turn(1, "a telltale opening"));
      await ask(daemon, turn(2, "a telltale opening"));
      const { requests } = await daemon.ledger(2);
      const [first, second] = requests.map((row) => JSON.parse(String(row["features"])));
      assert.equal(first["bound"], undefined);
      assert.equal(second["bound"]["alias"], "cheap");
      assert.equal(first["conversation"], second["conversation"]);
      assert.ok(!(await daemon.readLedgerBytes()).includes("telltale"));
    }),
);

timedTest(
  "a conversation stays with its model when another one, which is before it in the order, fails",
  () => {
    let isWell = true;
    const cheap: Script = (exchange) =>
      isWell ? ANSWERING(exchange) : exchange.sendWhole(503, {}, { "retry-after": "60" });
    return withTwo({ cheap }, async ({ daemon }) => {
      assert.equal(await ask(daemon, turn(1), HARD), "dear");
      isWell = false;
      assert.equal(await ask(daemon, turn(1, "Another one"), EASY), "dear");
      assert.equal(await ask(daemon, turn(2), EASY), "dear");
      assert.equal(await ask(daemon, turn(3), EASY), "dear");
      const { requests } = await daemon.ledger(4);
      const [first, , third, fourth] = requests.map((row) => JSON.parse(String(row["features"])));
      assert.equal(first["bound"], undefined);
      assert.deepEqual([third["bound"]["cause"], fourth["bound"]["cause"]], ["answer", "answer"]);
    });
  },
);

timedTest(
  "a request that is too long for a model does not make its conversation leave it for an outage",
  () => {
    const cheap: Script = (exchange) =>
      exchange.sendWhole(400, {
        "error": { "message": "too long", "code": "context_length_exceeded" },
      });
    return withTwo({ cheap }, async ({ daemon }) => {
      assert.equal(await ask(daemon, turn(1), EASY), "dear");
      await ask(daemon, turn(2), EASY);
      const { requests } = await daemon.ledger(2);
      assert.equal(JSON.parse(String(requests[1]?.["features"]))["bound"]["cause"], "answer");
    });
  },
);

timedTest(
  "a better model keeps its conversation while the weaker one, first in the order, cools down",
  () => {
    const scripts: Script[] = [
      (exchange) => exchange.answer({ text: ["No"] }),
      (exchange) => exchange.sendWhole(503, {}, { "retry-after": "60" }),
    ];
    const cheap: Script = (exchange) => (scripts.shift() ?? ANSWERING)(exchange, 0);
    const dear: Script = (exchange) =>
      exchange.answer({ text: [LONG], usage: { input: 100, output: 20 } });
    const cascade = "on_short_response = true\nmin_output_tokens = 8";
    return withTwo({ cheap, dear, cascade }, async ({ daemon }) => {
      await ask(daemon, turn(1), EASY);
      await ask(daemon, turn(1, "Another one"), EASY);
      await ask(daemon, turn(2), EASY);
      await ask(daemon, turn(3), EASY);
      const { requests } = await daemon.ledger(4);
      const causes = requests.map((row) => JSON.parse(String(row["features"]))["bound"]?.["cause"]);
      assert.deepEqual(causes, [undefined, undefined, "escalation", "escalation"]);
    });
  },
);

timedTest("a conversation that begins like another takes nothing over from it", () => {
  let cached = 8_000;
  const dear: Script = (exchange) =>
    exchange.answer({ text: [LONG], usage: { input: 9_000, output: 20, cached } });
  return withTwo({ dear }, async ({ daemon }) => {
    await ask(daemon, turn(1), HARD);
    cached = 0;
    await ask(daemon, turn(1), HARD);
    await ask(daemon, turn(2), HARD);
    const { requests } = await daemon.ledger(3);
    const third = JSON.parse(String(requests[2]?.["features"]));
    assert.equal(
      third["bound"]["cachedTokens"],
      9_020,
      "a first request finds no cache of its own",
    );
  });
});
