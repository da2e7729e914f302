import assert from "node:assert/strict";
import { ASK } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { type Script, Upstream } from "../support/upstream.ts";

const ANSWER = { text: ["An answer that is long enough for any check."] };

/** A model that can't think says so, as Ollama's server does, and answers otherwise. */
const cannotThink: Script = (exchange) =>
  exchange.body["think"] === undefined
    ? exchange.answer(ANSWER)
    : exchange.sendWhole(400, { "error": '"small" does not support thinking' });

/** A model without reasoning refuses the field, as OpenAI does. */
const cannotReason: Script = (exchange) =>
  exchange.body["reasoning_effort"] === undefined
    ? exchange.answer(ANSWER)
    : exchange.sendWhole(400, {
      "error": {
        "message": "Unsupported parameter: 'reasoning_effort' is not supported with this model.",
        "type": "invalid_request_error",
        "param": "reasoning_effort",
        "code": "unsupported_parameter",
      },
    });

for (const [kind, script] of [["ollama", cannotThink], ["openai", cannotReason]] as const) {
  timedTest(`${kind}: reasoning_effort costs a model that can't reason no request`, async () => {
    await using upstream = new Upstream(kind, script);
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream }]));
    for (const stream of [true, false]) {
      const response = await daemon.chat({ ...ASK, stream, "reasoning_effort": "low" });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("x-pirouter-dropped"), "reasoning_effort");
      assert.equal(response.headers.get("x-pirouter-attempts"), "1");
      await response.text();
    }
    assert.equal(upstream.exchanges.length, 3, "the refusal is learnt once");
  });
}

/** A strict server that stands for OpenAI's, and that the config does not say to be one. */
const knowsNoOthers: Script = (exchange) => {
  const param = ["top_k", "min_p"].find((name) => exchange.body[name] !== undefined);
  if (param === undefined) return exchange.answer(ANSWER);
  const code = "unknown_parameter";
  const message = `Unknown parameter: '${param}'.`;
  return exchange.sendWhole(400, {
    "error": { message, "type": "invalid_request_error", param, code },
  });
};

timedTest("fields of other servers cost a strict server no request", async () => {
  await using upstream = new Upstream("openai", knowsNoOthers, () => []);
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream }]));
  for (const stream of [true, false]) {
    const response = await daemon.chat({ ...ASK, stream, "top_k": 5, "min_p": 0.1 });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("x-pirouter-dropped"), "top_k, min_p");
    await response.text();
  }
  assert.equal(upstream.exchanges.length, 4, "each refusal is learnt once");
  const { attempts } = await daemon.ledger(2);
  assert.deepEqual(attempts.map((row) => row["dropped"]), ["top_k, min_p", "top_k, min_p"]);
});

timedTest("a refusal of what no request has is told at once", async () => {
  const error = {
    "message": "Unknown parameter: 'toString'.",
    "type": "invalid_request_error",
    "param": "toString",
    "code": "unknown_parameter",
  };
  const script: Script = (exchange) => exchange.sendWhole(400, { error });
  await using upstream = new Upstream("openai", script, () => []);
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream }]));
  const response = await daemon.chat(ASK);
  assert.equal(response.status, 400);
  await response.body?.cancel();
  assert.equal(upstream.exchanges.length, 1);
});

const TURN = [
  { "role": "user", "content": "Use the tool." },
  {
    "role": "assistant",
    "content": null,
    "tool_calls": [
      { "id": "call_1", "type": "function", "function": { "name": "f", "arguments": "{}" } },
    ],
  },
  { "role": "tool", "tool_call_id": "call_1", "content": "42" },
];

/** Gives its reasoning with a call, and refuses to have it back. */
const wantsNoReasoning: Script = (exchange) => {
  const text = JSON.stringify(exchange.body);
  if (text.includes("reasoning_content")) {
    const message = "'messages.1' : property 'reasoning_content' is unsupported";
    return exchange.sendWhole(400, { "error": { message, "type": "invalid_request_error" } });
  }
  const calls = [{ id: "call_1", name: "f", arguments: "{}" }];
  return exchange.answer(
    text.includes('"role":"tool"') ? ANSWER : { reasoning: ["Hm."], calls },
  );
};

timedTest("a server that does not take its own reasoning back costs no tool turn", async () => {
  await using upstream = new Upstream("openai", wantsNoReasoning, () => []);
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream }]));
  const tools = [{ "type": "function", "function": { "name": "f" } }];
  const request = { "model": "one", tools };
  await (await daemon.chat({ ...request, "messages": TURN.slice(0, 1) })).text();
  for (const count of [3, 4]) {
    const response = await daemon.chat({ ...request, "messages": TURN });
    assert.equal(response.status, 200);
    await response.text();
    assert.equal(upstream.exchanges.length, count, "the refusal is learnt once");
  }
});

timedTest("a required field that a model refuses is not left out", async () => {
  await using upstream = new Upstream("openai", (exchange) =>
    exchange.sendWhole(400, {
      "error": {
        "message": "Unsupported parameter: 'tools'",
        "type": "invalid_request_error",
        "param": "tools",
        "code": "unsupported_parameter",
      },
    }));
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream }]));
  const tools = [{ "type": "function", "function": { "name": "f" } }];
  const response = await daemon.chat({ ...ASK, tools });
  assert.equal(response.status, 400);
  await response.text();
  assert.equal(upstream.exchanges.length, 1);
});

timedTest("a value that a model refuses is left out of that request alone", async () => {
  const efforts: unknown[] = [];
  await using upstream = new Upstream("openai", (exchange) => {
    const effort = exchange.body["reasoning_effort"];
    efforts.push(effort);
    if (effort !== "xhigh") return exchange.answer(ANSWER);
    return exchange.sendWhole(400, {
      "error": {
        "message": "Unsupported value: 'reasoning_effort' does not support 'xhigh'.",
        "type": "invalid_request_error",
        "param": "reasoning_effort",
        "code": "unsupported_value",
      },
    });
  });
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream }]));
  for (const effort of ["high", "xhigh", "low"]) {
    await (await daemon.chat({ ...ASK, "reasoning_effort": effort })).text();
  }
  assert.deepEqual(efforts, ["high", "xhigh", undefined, "low"]);
});

timedTest("a server that refuses stream_options still streams", async () => {
  await using upstream = new Upstream(
    "openai",
    (exchange) =>
      exchange.body["stream_options"] === undefined
        ? exchange.answer(ANSWER)
        : exchange.sendWhole(400, {
          "error": {
            "message": "Unknown parameter: 'stream_options'.",
            "type": "invalid_request_error",
            "param": "stream_options",
            "code": "unknown_parameter",
          },
        }),
  );
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream }]));
  for (const own of [{}, { "stream_options": { "include_usage": true } }]) {
    const response = await daemon.chat({ ...ASK, ...own, "stream": true });
    assert.equal(response.status, 200);
    assert.match(await response.text(), /\[DONE\]/);
  }
  assert.equal(upstream.exchanges.length, 3);
});

timedTest("a refusal of a field that was not sent is not asked again", async () => {
  await using upstream = new Upstream("openai", (exchange) =>
    exchange.sendWhole(400, {
      "error": {
        "message": "Unsupported parameter: 'temperature'",
        "type": "invalid_request_error",
        "param": "temperature",
        "code": "unsupported_parameter",
      },
    }));
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream }]));
  const response = await daemon.chat(ASK);
  assert.equal(response.status, 400);
  await response.text();
  assert.equal(upstream.exchanges.length, 1);
});
