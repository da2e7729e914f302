/** The OpenAI SDK, made as the README says. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import * as harness from "./harness.ts";
import { askFor, IMAGE, IMAGE_ANSWER, OK_TEXT } from "./scenario.ts";

const { aliasFor, failureOf, TOTAL_TOKENS } = harness;
const { default: OpenAI } = await harness.load("openai");
const { zodResponseFormat } = await harness.load("openai/helpers/zod");
const { z } = await harness.load("zod");

const client = harness.makeClient({ OpenAI });
const { completions } = client.chat;
const body = (content, model = "auto") => ({
  model,
  messages: [{ role: "user", content }],
});

const IMAGE_URI = `data:image/png;base64,${Buffer.from(IMAGE).toString("base64")}`;

/** A tool that remembers what it was called with. */
function makeTool(name, properties, answer) {
  const calls = [];
  const required = Object.keys(properties);
  const tool = {
    type: "function",
    "function": {
      name,
      description: `Tells the ${name}.`,
      parse: JSON.parse,
      parameters: { type: "object", properties, required },
      "function": (args) => {
        calls.push(args);
        return answer;
      },
    },
  };
  return { calls, tool };
}

async function readTurns(runner) {
  const text = await runner.finalContent();
  return { text, messages: runner.messages };
}

async function expectFault(scenario, status) {
  const error = await failureOf(
    completions.create(body(askFor(scenario), aliasFor(scenario)), {
      maxRetries: 0,
    }),
  );
  assert.equal(error.status, status);
  return error;
}

await harness.runCases({
  "create": async () => {
    const { choices, usage } = await completions.create(body(askFor("ok")));
    assert.equal(choices[0].message.content, OK_TEXT);
    assert.equal(usage.total_tokens, TOTAL_TOKENS);
  },
  "stream: pieces over time, usage": async () => {
    const content = askFor("slow", { n: 8, delay: 100 });
    const stream = await completions.create({
      ...body(content),
      stream: true,
      "stream_options": { "include_usage": true },
    });
    const [times, usages] = [[], []];
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta?.content) times.push(Date.now());
      if (chunk.usage) usages.push(chunk.usage);
    }
    harness.expectSpread(times);
    assert.deepEqual(usages.map((usage) => usage.total_tokens), [TOTAL_TOKENS]);
  },
  "stream without usage": async () => {
    const stream = await completions.create({
      ...body(askFor("ok")),
      stream: true,
    });
    for await (const chunk of stream) {
      assert.equal(chunk.usage ?? null, null);
      assert.equal(chunk.choices.length, 1);
    }
  },
  "parse: zod schema": async () => {
    const schema = z.object({
      city: z.string(),
      degrees: z.number(),
      tags: z.array(z.string()),
    });
    const format = zodResponseFormat(schema, "weather");
    const { choices } = await completions.parse({
      ...body(askFor("ok")),
      "response_format": format,
    });
    assert.doesNotThrow(() => schema.parse(choices[0].message.parsed));
  },
  "tool runner: parallel calls": async () => {
    for (const stream of [false, true]) {
      const time = makeTool("time", { zone: { type: "string" } }, "noon");
      const place = makeTool("place", { of: { type: "string" } }, "Paris");
      const content = askFor("parallel", {
        tool: "time",
        tool2: "place",
        args: { zone: "UTC" },
      });
      const runner = completions.runTools({
        ...body(content),
        stream,
        tools: [time.tool, place.tool],
      });
      const { text, messages } = await readTurns(runner);
      assert.equal(text, "RESULT<<noon | Paris>> done.");
      assert.deepEqual(time.calls, [{ zone: "UTC" }]);
      assert.deepEqual(place.calls, [{ of: "of-value" }]);
      const ids = messages.flatMap((message) => message.tool_calls ?? []).map(({ id }) => id);
      assert.equal(new Set(ids).size, 2);
    }
  },
  "tool runner: no arguments": async () => {
    for (const stream of [false, true]) {
      const now = makeTool("now", {}, "noon");
      const runner = completions.runTools({
        ...body(askFor("tool-noargs", { tool: "now" })),
        stream,
        tools: [now.tool],
      });
      const { text, messages } = await readTurns(runner);
      assert.equal(text, "RESULT<<noon>> done.");
      const calls = messages.flatMap((message) => message.tool_calls ?? []);
      assert.deepEqual(calls.map((call) => call.function.arguments), ["{}"]);
    }
  },
  "image": async () => {
    const { choices } = await completions.create({
      model: "auto",
      messages: [{
        role: "user",
        content: [
          { type: "text", text: askFor("image") },
          { type: "image_url", "image_url": { url: IMAGE_URI } },
        ],
      }],
    });
    assert.match(choices[0].message.content, IMAGE_ANSWER);
  },
  "reasoning_content": async () => {
    const stream = await completions.create({
      ...body(askFor("reasoning")),
      stream: true,
      "reasoning_effort": "low",
    });
    let [reasoning, text] = ["", ""];
    for await (const { choices } of stream) {
      reasoning += choices[0]?.delta?.reasoning_content ?? "";
      text += choices[0]?.delta?.content ?? "";
    }
    assert.match(reasoning, /^First I think/);
    assert.equal(text, "The answer is 42.");
  },
  "errors by class": async () => {
    assert.ok(await expectFault("err400", 400) instanceof OpenAI.BadRequestError);
    assert.ok(await expectFault("err404", 404) instanceof OpenAI.NotFoundError);
    const error = await expectFault("err500", 502).catch(() => expectFault("err500", 500));
    assert.ok(error instanceof OpenAI.InternalServerError);
    assert.equal(typeof error.error.message, "string");
  },
  "429 with Retry-After": async () => {
    const error = await expectFault("err429-retry-after", 429);
    assert.ok(error instanceof OpenAI.RateLimitError);
    assert.match(error.headers.get("retry-after"), /^\d+$/);
  },
  "failover that failed is not repeated": async () => {
    const upstream = await harness.watchUpstream();
    const asked = completions.create(body(`Try two models. ${askFor("err500")}`), {
      maxRetries: 2,
    });
    const error = await failureOf(asked);
    assert.ok(error instanceof OpenAI.InternalServerError, error.message);
    assert.equal(error.headers.get("x-should-retry"), "false");
    assert.equal((await upstream.records()).length, 2);
  },
  "context overflow": async () => {
    const error = await expectFault("context-overflow", 400);
    assert.equal(error.code, "context_length_exceeded");
    assert.match(error.message, /[Tt]his model's maximum context length/);
  },
  "error within a stream": async () => {
    const model = aliasFor("err-midstream");
    const stream = await completions.create({
      ...body(askFor("err-midstream"), model),
      stream: true,
    });
    const reading = (async () => {
      for await (const _ of stream);
    })();
    assert.ok(await failureOf(reading) instanceof OpenAI.APIError);
  },
  "abort": () => {
    const model = aliasFor("hang-midstream");
    return harness.expectCancelled(async (signal) => {
      const asked = { ...body(askFor("hang-midstream"), model), stream: true };
      for await (const _ of await completions.create(asked, { signal }));
    });
  },
  "embeddings": async () => {
    if (harness.dialect === "anthropic") {
      harness.skip("the provider has no embeddings");
    }
    const model = harness.embeddingsAlias;
    const { data } = await client.embeddings.create({
      model,
      input: ["one", "two"],
      "encoding_format": "float",
    });
    assert.deepEqual(data.map(({ embedding }) => embedding.length), [3, 3]);
  },
  "models.list, models.retrieve": async () => {
    const ids = (await client.models.list()).data.map(({ id }) => id);
    assert.ok(ids.includes("auto") && ids.includes("main"), ids.join());
    assert.equal((await client.models.retrieve("auto")).id, "auto");
  },
});
