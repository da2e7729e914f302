/** A small agent: it asks, runs tools, and keeps of an answer what OpenAI clients keep. */

import assert from "node:assert/strict";
import { arrayAt, isJsonObject, type JsonObject, objectAt, stringAt } from "../../src/core/json.ts";
import type { TestDaemon } from "./daemon.ts";
import { deltasIn, type Got, readResponse } from "./got.ts";
import { callsIn } from "./seen_call.ts";
import { toolOf } from "./tool_case.ts";

/** How a step is asked for. */
export interface StepOptions {
  /** The alias of the model that is to answer. */
  readonly model: string;
  readonly stream: boolean;
  /** More fields of the request. */
  readonly fields?: JsonObject;
}

/** The tools that the agent has. */
export const AGENT_TOOLS = [toolOf("look"), toolOf("fs.read")];

/**
 * What a client does to an answer that it keeps: nothing; it keeps `reasoning_content` too, as some
 * do; or it writes the text as parts and the arguments anew.
 */
export type Keeping = "plain" | "reasoning" | "rewritten";

/** What a tool gives back: by its name, and by how many calls there were before in the conversation. */
export type ToolRunner = (name: string, before: number) => string;

/** An agent in one conversation. */
export class FakeAgent {
  /** The conversation as this client keeps it. */
  readonly messages: JsonObject[] = [];
  readonly #keeping: Keeping;
  readonly #runTool: ToolRunner;
  #count = 0;

  /** An agent with nothing said. */
  constructor(
    keeping: Keeping = "plain",
    runTool: ToolRunner = (name, before) => `Result ${before + 1} of ${name}.`,
  ) {
    this.#keeping = keeping;
    this.#runTool = runTool;
  }

  /** The user says something. */
  ask(text: string): void {
    this.messages.push({ "role": "user", "content": text });
  }

  /** Asks a model to go on, and runs the tools that it calls; the answer must be a good one. */
  async step(daemon: TestDaemon, { model, stream, fields = {} }: StepOptions): Promise<Got> {
    const response = await daemon.chat({
      model,
      "messages": this.messages,
      "tools": AGENT_TOOLS,
      stream,
      ...fields,
    });
    const got = await readResponse(response);
    assert.equal(got.status, 200, got.raw);
    assert.deepEqual(got.errors, []);
    const message = this.#keep(got, stream);
    this.messages.push(message, ...this.#runTools(message));
    return got;
  }

  #keep(got: Got, stream: boolean): JsonObject {
    const calls = stream ? keepStreamedCalls(got) : keepCalls(got);
    const reasoning = deltasIn(got.bodies).map((delta) =>
      stringAt(delta, "reasoning_content") ?? ""
    ).join("");
    const message = {
      "role": "assistant",
      "content": got.text === "" ? null : got.text,
      ...(calls.length === 0 ? {} : { "tool_calls": calls }),
    };
    if (this.#keeping === "reasoning" && reasoning !== "") {
      return { ...message, "reasoning_content": reasoning };
    }
    return this.#keeping === "rewritten" ? rewrite(message) : message;
  }

  #runTools(message: JsonObject): readonly JsonObject[] {
    return arrayAt(message, "tool_calls").map((call) => ({
      "role": "tool",
      "tool_call_id": stringAt(call, "id") ?? "",
      "content": this.#runTool(stringAt(objectAt(call, "function"), "name") ?? "", this.#count++),
    }));
  }
}

function keepStreamedCalls(got: Got): readonly JsonObject[] {
  return callsIn(got).map(({ id, name, args }) => ({
    id,
    "type": "function",
    "function": { "name": name, "arguments": args },
  }));
}

function keepCalls(got: Got): readonly JsonObject[] {
  return deltasIn(got.bodies).flatMap((message) => arrayAt(message, "tool_calls"))
    .filter(isJsonObject);
}

/** The same, as another JSON library would write it. */
function rewrite(message: JsonObject): JsonObject {
  const { content } = message;
  const calls = arrayAt(message, "tool_calls").filter(isJsonObject).map((call) => {
    const spec = objectAt(call, "function") ?? {};
    const args: unknown = JSON.parse(stringAt(spec, "arguments") ?? "");
    const spaced = JSON.stringify(args, null, 2);
    return {
      "function": { "arguments": spaced, "name": stringAt(spec, "name") ?? "" },
      "type": "function",
      "id": stringAt(call, "id") ?? "",
    };
  });
  return {
    "role": "assistant",
    "content": typeof content === "string" ? [{ "type": "text", "text": content }] : "",
    ...(calls.length === 0 ? {} : { "tool_calls": calls }),
  };
}
