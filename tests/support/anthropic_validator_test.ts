import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { findAnthropicFaults } from "./anthropic_validator.ts";
import { timedTest } from "./deadline.ts";
import { HAS_STRICT_MOCK, StrictMock } from "./strict_mock.ts";
import { sealRedacted, sealThinking } from "./thinking_seal.ts";

const MODEL = "claude-haiku-4-5";
const NEWEST = "claude-opus-5-5";
const ASK = said("user", text("Hi"));
const TOOL = { "name": "look", "input_schema": { "type": "object" } };
const USE = { "type": "tool_use", "id": "t1", "name": "look", "input": {} };
const RESULT = { "type": "tool_result", "tool_use_id": "t1", "content": "found" };
const BUDGET = { "type": "enabled", "budget_tokens": 1024 };
const MARK = { "cache_control": { "type": "ephemeral" } };
const LONG_MARK = { "cache_control": { "type": "ephemeral", "ttl": "1h" } };

function text(value: string, mark: JsonObject = {}): JsonObject {
  return { "type": "text", "text": value, ...mark };
}

function said(role: string, ...content: readonly JsonObject[]): JsonObject {
  return { role, content };
}

function bodyOf(fields: JsonObject): JsonObject {
  return { "model": MODEL, "max_tokens": 4096, "messages": [ASK], ...fields };
}

function toolTurn(...blocks: readonly JsonObject[]): JsonObject {
  return { "tools": [TOOL], "messages": [ASK, said("assistant", ...blocks), said("user", RESULT)] };
}

function thought(model: string, signature = sealThinking(model, "Hm.")): JsonObject {
  return { "type": "thinking", "thinking": "Hm.", signature };
}

const GOOD: Readonly<Record<string, JsonObject>> = {
  "a tool turn": toolTurn(text("I look."), USE),
  "signed thinking": { ...toolTurn(thought(MODEL), USE), "thinking": BUDGET },
  "redacted thinking": toolTurn(
    { "type": "redacted_thinking", "data": sealRedacted(MODEL, "a") },
    USE,
  ),
  "marks, the long ones first": {
    "system": [text("Be brief.", LONG_MARK)],
    "messages": [said("user", text("Hi", MARK))],
  },
};

/** What is wrong, and whether the mock of `../shared` refuses it as well. */
const BAD: Readonly<Record<string, readonly [JsonObject, "known to the mock" | "ours"]>> = {
  "an unknown field": [{ "top_a": 1 }, "known to the mock"],
  "no message": [{ "messages": [] }, "known to the mock"],
  "an assistant first": [{ "messages": [said("assistant", text("a")), ASK] }, "known to the mock"],
  "two users in a row": [{ "messages": [ASK, ASK] }, "known to the mock"],
  "a system message": [{ "messages": [ASK, said("system", text("s"))] }, "known to the mock"],
  "an empty message": [{ "messages": [said("user")] }, "known to the mock"],
  "blank text": [{ "messages": [said("user", text(" \n"))] }, "known to the mock"],
  "white space at the end": [
    { "messages": [ASK, said("assistant", text("a "))] },
    "known to the mock",
  ],
  "a call without a result": [
    { "tools": [TOOL], "messages": [ASK, said("assistant", USE), ASK] },
    "known to the mock",
  ],
  "a result without a call": [
    { "tools": [TOOL], "messages": [said("user", RESULT)] },
    "known to the mock",
  ],
  "a result after text": [
    {
      "tools": [TOOL],
      "messages": [ASK, said("assistant", USE), said("user", text("a"), RESULT)],
    },
    "known to the mock",
  ],
  "calls without tools": [{ ...toolTurn(USE), "tools": [] }, "known to the mock"],
  "an id with a dot": [toolTurn({ ...USE, "id": "t.1" }), "known to the mock"],
  "thinking of another model": [
    toolTurn(thought(NEWEST), USE),
    "known to the mock",
  ],
  "thinking with a made-up signature": [toolTurn(thought(MODEL, "x"), USE), "known to the mock"],
  "thinking that was changed": [
    toolTurn({ ...thought(MODEL), "thinking": "Hm!" }, USE),
    "known to the mock",
  ],
  "thinking of a user": [{ "messages": [said("user", thought(MODEL), text("a"))] }, "ours"],
  "thinking at the end": [
    { "messages": [ASK, said("assistant", text("a"), thought(MODEL)), ASK] },
    "ours",
  ],
  "redacted thinking of another model": [
    toolTurn({ "type": "redacted_thinking", "data": sealRedacted(NEWEST, "a") }, USE),
    "ours",
  ],
  "a tool turn without thinking, thinking on": [
    { ...toolTurn(USE), "thinking": BUDGET },
    "known to the mock",
  ],
  "a budget as large as the limit": [
    { "thinking": { ...BUDGET, "budget_tokens": 4096 } },
    "known to the mock",
  ],
  "thinking and a temperature": [{ "thinking": BUDGET, "temperature": 0 }, "known to the mock"],
  "thinking and a forced tool": [
    { "thinking": BUDGET, "tools": [TOOL], "tool_choice": { "type": "any" } },
    "known to the mock",
  ],
  "an unknown kind of thinking": [{ "thinking": { "type": "deep" } }, "known to the mock"],
  "a budget for a model without": [{ "model": NEWEST, "thinking": BUDGET }, "known to the mock"],
  "a temperature for a model without": [
    { "model": NEWEST, "temperature": 1 },
    "known to the mock",
  ],
  "a prefill for a model without": [
    { "model": NEWEST, "messages": [ASK, said("assistant", text("a"))] },
    "known to the mock",
  ],
  "two sampling parameters": [{ "temperature": 1, "top_p": 1 }, "known to the mock"],
  "a temperature of 2": [{ "temperature": 2 }, "known to the mock"],
  "a blank stop": [{ "stop_sequences": [" "] }, "known to the mock"],
  "an unknown choice": [
    { "tools": [TOOL], "tool_choice": { "type": "required" } },
    "known to the mock",
  ],
  "a choice without tools": [{ "tool_choice": { "type": "auto" } }, "known to the mock"],
  "a strict tool that is open": [{ "tools": [{ ...TOOL, "strict": true }] }, "known to the mock"],
  "two tools of one name": [{ "tools": [TOOL, TOOL] }, "known to the mock"],
  "five marks": [
    { "messages": [said("user", ...Array.from({ length: 5 }, () => text("a", MARK)))] },
    "known to the mock",
  ],
  "an unknown mark": [
    { "messages": [said("user", text("a", { "cache_control": { "type": "forever" } }))] },
    "known to the mock",
  ],
  "a long mark after a short one": [
    { "messages": [said("user", text("a", MARK), text("b", LONG_MARK))] },
    "ours",
  ],
};

for (const [name, fields] of Object.entries(GOOD)) {
  Deno.test(`findAnthropicFaults() accepts ${name}`, () => {
    assert.deepEqual(findAnthropicFaults(bodyOf(fields)), []);
  });
}

for (const [name, [fields]] of Object.entries(BAD)) {
  Deno.test(`findAnthropicFaults() refuses ${name}`, () => {
    assert.notDeepEqual(findAnthropicFaults(bodyOf(fields)), []);
  });
}

const NAME = "the strict upstreams refuse what findAnthropicFaults() refuses, where they know it";

timedTest(HAS_STRICT_MOCK ? NAME : `${NAME} (skipped: no ../shared/upstreams)`, async () => {
  await using mock = await StrictMock.start();
  for (const [name, [fields, whose]] of Object.entries(BAD)) {
    const response = await fetch(`${mock.baseUrl}/v1/messages`, {
      method: "POST",
      headers: { "x-api-key": "k", "anthropic-version": "2023-06-01", "connection": "close" },
      body: JSON.stringify(bodyOf(fields)),
    });
    await response.body?.cancel();
    if (whose === "known to the mock") assert.equal(response.status, 400, name);
  }
}, { ignore: !HAS_STRICT_MOCK });
