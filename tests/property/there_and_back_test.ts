import assert from "node:assert/strict";
import { arrayAt, type JsonObject, objectAt, stringAt } from "../../src/core/json.ts";
import { objects } from "../support/anthropic_messages_validator.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { FakeAgent, type Keeping } from "../support/fake_agent.ts";
import { answerWith, type Piece } from "../support/fake_vendor.ts";
import { findLooseProblem } from "../support/loose_openai_validator.ts";
import { Random } from "../support/random.ts";
import {
  type Alias,
  assertNothingForeign,
  assertOwnThinking,
  holdsThinking,
  MODEL_IDS,
  planConversation,
  type PlannedStep,
} from "../support/there_and_back.ts";
import { isRedactedSealed, isThinkingSealed } from "../support/thinking_seal.ts";
import { Upstream } from "../support/upstream.ts";

const CONVERSATION_COUNT = 30;
const EFFORT = { "reasoning_effort": "medium" };

/** What a gateway with reasoning of its own refuses: signatures that it did not give out. */
function findGatewayFaults(body: JsonObject): readonly string[] {
  const problem = findLooseProblem(body);
  const details = objects(body["messages"]).flatMap((message) =>
    objects(message["reasoning_details"])
  );
  const model = String(body["model"]);
  return [
    ...(problem === null ? [] : [problem]),
    ...details.filter((detail) =>
      detail["type"] === "reasoning.encrypted"
        ? !isRedactedSealed(model, stringAt(detail, "data") ?? "")
        : !isThinkingSealed(
          model,
          stringAt(detail, "text") ?? "",
          stringAt(detail, "signature") ?? "",
        )
    ).map((detail) => `a foreign reasoning detail ${JSON.stringify(detail)}`),
  ];
}

/** Three vendors, and a script that all of them follow. */
class World implements AsyncDisposable {
  #pieces: readonly Piece[] = [];
  readonly #script = (exchange: Upstream["exchanges"][number]) =>
    answerWith(exchange, this.#pieces);
  readonly claude = new Upstream("anthropic", this.#script);
  readonly router = new Upstream("openai", this.#script, findGatewayFaults);
  readonly local = new Upstream("ollama", this.#script);

  /** Decides what the next answer is, whoever gives it. */
  prepare(pieces: readonly Piece[]): void {
    this.#pieces = pieces;
  }

  /** The upstream that speaks for a model. */
  upstreamOf(alias: Alias): Upstream {
    if (alias === "router") return this.router;
    return alias === "local" ? this.local : this.claude;
  }

  /** A daemon whose vault is empty. */
  startDaemon(): Promise<TestDaemon> {
    const aliases: readonly Alias[] = ["adaptive", "budget", "router", "local"];
    return TestDaemon.start(tomlFor(
      aliases.map((alias) => ({
        alias,
        upstream: this.upstreamOf(alias),
        model: `model_id = "${MODEL_IDS[alias]}"`,
        provider: alias === "router" ? "compat = { reasoning_history = true }" : "",
      })),
      { rules: "" },
    ));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const upstream of [this.claude, this.router, this.local]) {
      await upstream[Symbol.asyncDispose]();
    }
  }
}

interface Walk {
  readonly world: World;
  readonly daemon: TestDaemon;
  readonly agent: FakeAgent;
  readonly keepsReasoning?: boolean;
}

/** Goes through the steps, and looks at every body that arrives. */
async function walk(steps: readonly PlannedStep[], options: Walk): Promise<void> {
  const { world, daemon, agent, keepsReasoning = false } = options;
  for (const [position, step] of steps.entries()) {
    if (step.ask !== null) agent.ask(step.ask);
    world.prepare(step.pieces);
    const got = await agent.step(daemon, {
      model: step.alias,
      stream: step.stream,
      fields: EFFORT,
    });
    const upstream = world.upstreamOf(step.alias);
    assert.deepEqual(upstream.violations, []);
    const body = upstream.exchanges.at(-1)?.body ?? {};
    const dropped = got.headers.get("x-pirouter-dropped") ?? "";
    const before = steps.slice(0, position);
    const past = { steps: before, alias: step.alias, keepsReasoning, dropped };
    assertNothingForeign(body, past);
    if (step.ask === null) assertOwnThinking(body, past);
  }
}

const CLIENTS: readonly Keeping[] = ["plain", "reasoning", "rewritten"];

for (const keeping of CLIENTS) {
  timedTest(
    `models find their thinking again in conversations that wander, ${keeping}`,
    async () => {
      await using world = new World();
      await using daemon = await world.startDaemon();
      for (let number = 0; number < CONVERSATION_COUNT; number++) {
        const steps = planConversation(new Random(`conversation ${number}`));
        const agent = new FakeAgent(keeping);
        await walk(steps, { world, daemon, agent, keepsReasoning: keeping === "reasoning" });
      }
    },
    { limitMs: 30_000 },
  );
}

const THERE: readonly Piece[] = [
  { type: "thinking", thought: "I must look." },
  { type: "text", text: "Let me see." },
  { type: "call", id: "toolu_01ABCDEFGHIJ0123456789", name: "look", city: "Paris" },
];
const AWAY: readonly Piece[] = [{ type: "call", id: "call_0", name: "look", city: "Rome" }];
const END: readonly Piece[] = [{ type: "text", text: "It rains." }];

for (const alias of ["adaptive", "budget"] as const) {
  for (const stream of [true, false]) {
    const mode = stream ? "streamed" : "whole";
    timedTest(
      `the ${alias} model gets its signed thinking back within a tool turn, ${mode}`,
      async () => {
        await using world = new World();
        await using daemon = await world.startDaemon();
        const agent = new FakeAgent();
        const steps: readonly PlannedStep[] = [
          { alias, stream, pieces: THERE, ask: "Does it rain?" },
          { alias, stream, pieces: END, ask: null },
        ];
        await walk(steps, { world, daemon, agent });
        assert.ok(holdsThinking(world.claude.exchanges.at(-1)?.body ?? {}));
      },
    );

    timedTest(
      `after a restart the ${alias} model goes on without its thinking, ${mode}`,
      async () => {
        await using world = new World();
        const agent = new FakeAgent("reasoning");
        agent.ask("Does it rain?");
        {
          await using daemon = await world.startDaemon();
          world.prepare(THERE);
          await agent.step(daemon, { model: alias, stream, fields: EFFORT });
        }
        await using daemon = await world.startDaemon();
        world.prepare(END);
        const got = await agent.step(daemon, { model: alias, stream, fields: EFFORT });
        assert.equal(got.text, "It rains.");
        const body = world.claude.exchanges.at(-1)?.body ?? {};
        assert.ok(!holdsThinking(body));
        if (alias === "adaptive") return;
        assert.equal(objectAt(body, "thinking"), undefined);
        assert.match(got.headers.get("x-pirouter-dropped") ?? "", /\breasoning_effort\b/);
      },
    );
  }
}

timedTest("thinking returns to its model when another model's turn lies between", async () => {
  await using world = new World();
  await using daemon = await world.startDaemon();
  const agent = new FakeAgent();
  const steps: readonly PlannedStep[] = [
    { alias: "adaptive", stream: true, pieces: THERE, ask: "Does it rain?" },
    { alias: "router", stream: true, pieces: AWAY, ask: null },
    { alias: "adaptive", stream: false, pieces: END, ask: null },
  ];
  await walk(steps, { world, daemon, agent });
  const [, back] = world.claude.exchanges;
  const turns = arrayAt(back?.body, "messages").map((message) =>
    arrayAt(message, "content").map((block) => stringAt(block, "type")).join(" ")
  );
  assert.deepEqual(turns, [
    "text",
    "thinking text tool_use",
    "tool_result",
    "tool_use",
    "tool_result",
  ]);
});
