/** LangChain's ChatOpenAI, made as the README says. */

import assert from "node:assert/strict";
import * as harness from "./harness.ts";
import { askFor, OK_TEXT } from "./scenario.ts";

const { aliasFor, TOTAL_TOKENS } = harness;
const { ChatOpenAI } = await harness.load("@langchain/openai");
const { HumanMessage, ToolMessage } = await harness.load("@langchain/core/messages");
const { tool } = await harness.load("@langchain/core/tools");
const { z } = await harness.load("zod");

const make = (model) => harness.makeClient({ ChatOpenAI }, model);
const add = tool(({ a, b }) => `sum=${a + b}`, {
  name: "add",
  description: "Adds two numbers.",
  schema: z.object({ a: z.number(), b: z.number() }),
});

async function gather(stream) {
  let whole;
  for await (const piece of await stream) {
    whole = whole === undefined ? piece : whole.concat(piece);
  }
  return whole;
}

await harness.runCases({
  "invoke": async () => {
    const answer = await make().invoke(askFor("ok"));
    assert.equal(answer.content, OK_TEXT);
    assert.equal(answer.usage_metadata.total_tokens, TOTAL_TOKENS);
  },
  "stream: pieces over time, usage": async () => {
    const times = [];
    let usage;
    for await (const piece of await make().stream(askFor("slow", { n: 8, delay: 100 }))) {
      if (piece.content) times.push(Date.now());
      usage ??= piece.usage_metadata;
    }
    harness.expectSpread(times);
    assert.equal(usage?.total_tokens, TOTAL_TOKENS);
  },
  "bindTools: round trip": async () => {
    const model = make().bindTools([add]);
    for (const run of [(list) => model.invoke(list), (list) => gather(model.stream(list))]) {
      const asked = [new HumanMessage(askFor("tool", { tool: "add", args: { a: 40, b: 2 } }))];
      const answer = await run(asked);
      assert.deepEqual(answer.tool_calls.map(({ args }) => args), [{
        a: 40,
        b: 2,
      }]);
      const result = await add.invoke(answer.tool_calls[0]);
      assert.ok(result instanceof ToolMessage);
      assert.match((await run([...asked, answer, result])).content, /RESULT<<sum=42>>/);
    }
  },
  "withStructuredOutput": async () => {
    const schema = z.object({ name: z.string(), count: z.number() });
    const made = await make().withStructuredOutput(schema, { name: "thing" })
      .invoke(askFor("ok"));
    assert.doesNotThrow(() => schema.parse(made));
  },
  "withStructuredOutput: function calling": async () => {
    const schema = z.object({ name: z.string() });
    const options = { name: "thing", method: "functionCalling" };
    const made = await make().withStructuredOutput(schema, options).invoke(
      askFor("tool", { tool: "thing" }),
    );
    assert.doesNotThrow(() => schema.parse(made));
  },
  "abort": () =>
    harness.expectCancelled(async (signal) => {
      await gather(
        make(aliasFor("hang-midstream")).stream(askFor("hang-midstream"), {
          signal,
        }),
      );
    }),
});
