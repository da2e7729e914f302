/** The Vercel AI SDK, made as the README says. */

import assert from "node:assert/strict";
import * as harness from "./harness.ts";
import { askFor, OK_TEXT } from "./scenario.ts";

const { aliasFor, failureOf, TOTAL_TOKENS } = harness;
const { generateText, isStepCount, Output, stepCountIs, streamText, tool } = await harness.load(
  "ai",
);
const { createOpenAICompatible } = await harness.load("@ai-sdk/openai-compatible");
const { z } = await harness.load("zod");

const make = (model) => harness.makeClient({ createOpenAICompatible }, model);
const add = tool({
  description: "Adds two numbers.",
  inputSchema: z.object({ a: z.number(), b: z.number() }),
  execute: ({ a, b }) => `sum=${a + b}`,
});
const stopWhen = (stepCountIs ?? isStepCount)(5);

await harness.runCases({
  "generateText": async () => {
    const { text, usage } = await generateText({
      model: make(),
      prompt: askFor("ok"),
    });
    assert.equal(text, OK_TEXT);
    assert.equal(usage.totalTokens, TOTAL_TOKENS);
  },
  "streamText: pieces over time, usage": async () => {
    const prompt = askFor("slow", { n: 8, delay: 100 });
    const result = streamText({ model: make(), prompt });
    const times = [];
    for await (const _ of result.textStream) times.push(Date.now());
    harness.expectSpread(times);
    assert.equal((await result.usage).totalTokens, TOTAL_TOKENS);
  },
  "tools: several steps": async () => {
    const prompt = askFor("tool", {
      tool: "add",
      steps: 2,
      args: { a: 40, b: 2 },
    });
    const options = { model: make(), prompt, tools: { add }, stopWhen };
    const { steps, text } = await generateText(options);
    assert.equal(steps.length, 3);
    assert.match(text, /RESULT<<sum=42 \| sum=42>>/);
    const streamed = streamText(options);
    assert.match(await streamed.text, /RESULT<<sum=42/);
  },
  "Output.object": async () => {
    const schema = z.object({ name: z.string(), count: z.number() });
    const output = Output.object({ schema });
    const made = await generateText({
      model: make(),
      prompt: askFor("ok"),
      output,
    });
    assert.doesNotThrow(() => schema.parse(made.output));
  },
  "error text": async () => {
    const model = make(aliasFor("err400"));
    const error = await failureOf(generateText({ model, prompt: askFor("err400"), maxRetries: 0 }));
    assert.equal(error.statusCode, 400);
    assert.match(error.message, /mock err400/);
  },
  "error within a stream": async () => {
    const model = make(aliasFor("err-midstream"));
    const onError = () => undefined;
    const options = {
      model,
      prompt: askFor("err-midstream"),
      maxRetries: 0,
      onError,
    };
    const parts = [];
    for await (const part of streamText(options).fullStream) {
      parts.push(part.type);
    }
    assert.ok(parts.includes("error"), parts.join());
  },
  "abort": () =>
    harness.expectCancelled(async (abortSignal) => {
      const model = make(aliasFor("hang-midstream"));
      const onError = () => undefined;
      const options = {
        model,
        prompt: askFor("hang-midstream"),
        abortSignal,
        onError,
      };
      for await (const _ of streamText(options).textStream);
    }),
});
