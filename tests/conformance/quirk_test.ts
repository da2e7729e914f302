import assert from "node:assert/strict";
import { arrayAt, type JsonObject, objectAt } from "../../src/core/json.ts";
import { askFor, withLadder } from "../support/cascade_case.ts";
import { deltasIn, type Got } from "../support/got.ts";
import { conformanceTest } from "../support/schema.ts";
import { assertStream, assertWhole } from "../support/schema_stream.ts";
import { eventsOf, openaiSaid, type Said, say, textChoice } from "./answers.ts";

const USAGE = { "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5 };
const HEAD = { "id": "x", "created": 5, "model": "m" };
const FINE = "Fine, thanks.";

function choiceOf(piece: JsonObject, reason: string | null = null): JsonObject {
  return { "index": 0, ...piece, "finish_reason": reason };
}

function chunkOf(choice: JsonObject, head: JsonObject = HEAD): JsonObject {
  return { ...head, "object": "chat.completion.chunk", "choices": [choice] };
}

function wholeOf(choice: JsonObject, head: JsonObject = HEAD): JsonObject {
  return { ...head, "object": "chat.completion", "choices": [choice], "usage": USAGE };
}

/** What servers of the OpenAI dialect do that OpenAI does not. */
const QUIRKS: readonly (readonly [string, Said])[] = [
  ["has neither id nor time, role nor index", {
    whole: { "choices": [{ "message": { "content": FINE }, "finish_reason": "stop" }] },
    events: eventsOf([
      { "choices": [{ "delta": { "content": FINE } }] },
      { "choices": [{ "delta": {}, "finish_reason": "stop" }] },
    ]),
  }],
  ["writes null for all that it has not", {
    whole: {
      ...wholeOf({
        ...choiceOf({
          "message": {
            "role": "assistant",
            "content": FINE,
            "refusal": null,
            "annotations": null,
            "audio": null,
            "function_call": null,
            "tool_calls": null,
            "reasoning_content": null,
          },
        }, "stop"),
        "logprobs": null,
        "stop_reason": null,
      }),
      "usage": { ...USAGE, "prompt_tokens_details": null, "completion_tokens_details": null },
      "service_tier": null,
      "system_fingerprint": null,
      "prompt_logprobs": null,
    },
    events: eventsOf([
      chunkOf(
        choiceOf({
          "delta": {
            "role": "assistant",
            "content": FINE,
            "tool_calls": null,
            "function_call": null,
            "refusal": null,
          },
          "logprobs": null,
        }),
        { ...HEAD, "usage": null, "system_fingerprint": null, "service_tier": null },
      ),
      chunkOf(choiceOf({ "delta": { "role": null, "content": null } }, "stop")),
      {
        ...HEAD,
        "object": "chat.completion.chunk",
        "choices": [],
        "usage": { ...USAGE, "prompt_tokens_details": { "cached_tokens": null } },
      },
    ]),
  }],
  ["writes content as parts", {
    whole: wholeOf(choiceOf({
      "message": { "role": "assistant", "content": [{ "type": "text", "text": FINE }] },
    }, "stop")),
    events: eventsOf([
      chunkOf(choiceOf({ "delta": { "content": [{ "type": "text", "text": FINE }] } })),
      chunkOf(choiceOf({ "delta": {} }, "stop")),
    ]),
  }],
  [
    "has a service tier and fields of its own",
    openaiSaid([textChoice(FINE)], {
      "service_tier": "on_demand",
      "x_groq": { "id": "req_1" },
      "usage": { ...USAGE, "queue_time": 0.1, "cost": 0.01 },
    }),
  ],
  [
    "knows other finish reasons",
    openaiSaid([textChoice(FINE, "eos")]),
  ],
  [
    "has log probabilities with one list",
    openaiSaid([{ ...textChoice(FINE), logprobs: { "content": [] } }]),
  ],
  [
    "has log probabilities in the form of completions",
    openaiSaid([{
      ...textChoice(FINE),
      logprobs: { "tokens": ["Fine"], "token_logprobs": [-0.1] },
    }]),
  ],
  ["counts nothing in its usage", openaiSaid([textChoice(FINE)], { "usage": {} })],
  [
    "counts no total",
    openaiSaid([textChoice(FINE)], { "usage": { "prompt_tokens": 3, "completion_tokens": 2 } }),
  ],
  ["sends the usage in every chunk, and the role too", {
    whole: wholeOf(choiceOf({ "message": { "role": "assistant", "content": FINE } }, "stop")),
    events: eventsOf([
      { ...chunkOf(choiceOf({ "delta": { "role": "assistant", "content": "Fine, " } })), USAGE },
      {
        ...chunkOf(choiceOf({ "delta": { "role": "assistant", "content": "thanks." } })),
        "usage": USAGE,
      },
      { ...chunkOf(choiceOf({ "delta": { "role": "assistant" } }, "stop")), "usage": USAGE },
    ]),
  }],
  ["has a new id in every chunk", {
    whole: wholeOf(choiceOf({ "message": { "role": "assistant", "content": FINE } }, "stop")),
    events: eventsOf([
      chunkOf(choiceOf({ "delta": { "content": "Fine, " } }), { ...HEAD, "id": "y" }),
      chunkOf(choiceOf({ "delta": { "content": "thanks." } }), {
        ...HEAD,
        "id": "z",
        "created": 6,
      }),
      chunkOf(choiceOf({ "delta": {} }, "stop"), { ...HEAD, "id": null, "model": "n" }),
    ]),
  }],
  ["sends all in one chunk", {
    whole: wholeOf(choiceOf({ "message": { "role": "assistant", "content": FINE } }, "stop")),
    events: eventsOf([
      {
        ...chunkOf(choiceOf({ "delta": { "role": "assistant", "content": FINE } }, "stop")),
        "usage": USAGE,
      },
    ]),
  }],
];

for (const [what, said] of QUIRKS) {
  conformanceTest(`the answer of a server that ${what} is valid`, async () => {
    await withSaid((exchange) => say(exchange, said), assertFine);
  });
}

conformanceTest("a whole answer where a stream was asked for is a valid stream", async () => {
  const [, [, { whole }] = ["", openaiSaid([])]] = QUIRKS;
  await withSaid((exchange) => exchange.sendWhole(200, whole), assertFine);
});

/** A call in pieces as servers write them that have one client in mind. */
const PIECES: readonly JsonObject[] = [
  { "id": "call_1", "type": "function", "function": { "name": "now", "arguments": "" } },
  { "id": "call_1", "function": { "name": "now", "arguments": '{"a"' } },
  { "id": null, "function": { "name": null, "arguments": ":1}" } },
];

conformanceTest("pieces of calls that repeat names and leave out indices are valid", async () => {
  const chunks = PIECES.map((piece) => chunkOf(choiceOf({ "delta": { "tool_calls": [piece] } })));
  const call = { "function": { "name": "now", "arguments": { "a": 1 } } };
  const said = {
    whole: wholeOf(choiceOf({ "message": { "content": "", "tool_calls": [call] } }, "stop")),
    events: eventsOf([...chunks, chunkOf(choiceOf({ "delta": {} }, "stop"))]),
  };
  await withSaid((exchange) => say(exchange, said), ({ bodies, finish }) => {
    const calls = deltasIn(bodies).flatMap((delta) => arrayAt(delta, "tool_calls"));
    const spoken = calls.map((piece) => objectAt(piece, "function")?.["arguments"]).join("");
    assert.deepEqual(JSON.parse(spoken), { "a": 1 });
    assert.equal(finish, "tool_calls");
  });
});

type Script = NonNullable<Parameters<typeof withLadder>[0][number]["script"]>;

/** Asks such a server in all ways, each of which must be valid. */
async function withSaid(script: Script, check: (got: Got) => void): Promise<void> {
  const fields = { "tools": [{ "type": "function", "function": { "name": "now" } }] };
  await withLadder([{ alias: "model", kind: "openai", script }], async ({ daemon }) => {
    const whole = await askFor(daemon, false, fields);
    assertWhole(whole, "whole");
    check(whole);
    for (const includeUsage of [false, true]) {
      const options = includeUsage ? { "stream_options": { "include_usage": true } } : {};
      const got = await askFor(daemon, true, { ...fields, ...options });
      assertStream(got, { label: `usage: ${includeUsage}`, includeUsage });
      check(got);
    }
  });
}

function assertFine({ text, finish }: Got): void {
  assert.equal(text, FINE);
  assert.equal(finish, "stop");
}
