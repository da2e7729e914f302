/** What clients rely on in a stream beyond the schema of its chunks. */

import assert from "node:assert/strict";
import {
  arrayAt,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  numberAt,
  objectAt,
  stringAt,
  valueAt,
} from "../../src/core/json.ts";
import { type Got, isStreamed } from "./got.ts";
import { assertSchema } from "./schema.ts";

/** What the request of a stream was. */
export interface StreamAsked {
  readonly label: string;
  /** Whether the client asked for the usage. */
  readonly includeUsage: boolean;
}

/** A whole stream: every chunk is valid, and they add up to messages as OpenAI streams them. */
export function assertStream(got: Got, asked: StreamAsked): void {
  const { label } = asked;
  assertChunks(got, label);
  const choices = choicesOf(got.bodies);
  assert.ok(choices.size > 0, `${label}: no choices`);
  for (const [index, pieces] of choices) {
    assertRoles(pieces, `${label}: choice ${index}`);
    assertFinish(pieces, `${label}: choice ${index}`);
    assertCalls(pieces, `${label}: choice ${index}`);
  }
  assertUsage(got.bodies, asked);
  assert.equal(got.doneCount, 1, `${label}: [DONE]`);
  assert.ok(got.raw.endsWith("data: [DONE]\n\n"), `${label}: bytes after [DONE]`);
}

/** A stream that broke off: valid chunks, then one error, no finish reason and no [DONE]. */
export function assertBrokenStream(got: Got, label: string): void {
  const { bodies } = got;
  assertChunks({ ...got, bodies: bodies.slice(0, -1) }, label);
  assertSchema("ErrorResponse", bodies.at(-1) ?? null, label);
  assert.equal(got.errors.length, 1, `${label}: errors`);
  assert.equal(got.finish, null, `${label}: a finish reason`);
  assert.equal(got.doneCount, 0, `${label}: [DONE]`);
}

/** A whole answer: valid, with its usage, and with calls that can be run. */
export function assertWhole(got: Got, label: string): void {
  assert.equal(got.status, 200, `${label}: ${got.raw}`);
  assert.equal(got.headers.get("content-type"), "application/json");
  const [body] = got.bodies;
  assert.ok(body, label);
  assertSchema("CreateChatCompletionResponse", body, label);
  assertSchema("CompletionUsage", body["usage"] ?? null, label);
  for (const choice of arrayAt(body, "choices")) {
    const calls = arrayAt(objectAt(choice, "message"), "tool_calls");
    for (const call of calls) assertArguments(argumentsOf(call), label);
    const reason = stringAt(choice, "finish_reason") ?? "";
    if (calls.length > 0) assert.ok(["tool_calls", "length"].includes(reason), label);
  }
}

/** An error before the head: the status, OpenAI's envelope with all four, and no stream. */
export function assertError(got: Got, { label, status }: { label: string; status: number }): void {
  assert.equal(got.status, status, `${label}: ${got.raw}`);
  assert.equal(got.headers.get("content-type"), "application/json", label);
  const [body] = got.bodies;
  assertSchema("ErrorResponse", body ?? null, label);
  assert.notEqual(got.error?.["message"], "", label);
  if (status === 429) assert.match(got.headers.get("retry-after") ?? "", /^[1-9]\d*$/, label);
}

/** Every chunk is valid, and all of them are of one answer. */
function assertChunks(got: Got, label: string): void {
  assert.equal(got.status, 200, `${label}: ${got.raw}`);
  assert.ok(isStreamed(got), `${label}: ${got.headers.get("content-type")}`);
  for (const body of got.bodies) {
    assertSchema("CreateChatCompletionStreamResponse", body, label);
    for (const choice of arrayAt(body, "choices")) {
      assert.notEqual(valueAt(choice, "finish_reason"), undefined, `${label}: no finish_reason`);
    }
  }
  for (const key of ["id", "created", "model"]) {
    assert.equal(new Set(got.bodies.map((body) => body[key])).size, 1, `${label}: ${key}`);
  }
}

/** The choices of all chunks in order, by index. */
function choicesOf(bodies: readonly JsonObject[]): ReadonlyMap<number, readonly JsonObject[]> {
  const all = bodies.flatMap((body) => arrayAt(body, "choices")).filter(isJsonObject);
  return Map.groupBy(all, (choice) => numberAt(choice, "index") ?? -1);
}

/** The first piece of a choice says who speaks, and no other does. */
function assertRoles(pieces: readonly JsonObject[], label: string): void {
  const roles = pieces.map((piece) => valueAt(objectAt(piece, "delta"), "role"));
  assert.deepEqual(roles, ["assistant", ...pieces.slice(1).map(() => undefined)], label);
}

/** One piece has the finish reason, and it is the last. */
function assertFinish(pieces: readonly JsonObject[], label: string): void {
  const finished = pieces.map((piece) => piece["finish_reason"] !== null);
  assert.deepEqual(finished, [...pieces.slice(1).map(() => false), true], `${label}: finish`);
}

/** Every piece of a call has its index; the first one, and no other, its id, type and name. */
function assertCalls(pieces: readonly JsonObject[], label: string): void {
  const deltas = pieces.flatMap((piece) => arrayAt(objectAt(piece, "delta"), "tool_calls"));
  const calls = Map.groupBy(deltas, (delta) => numberAt(delta, "index") ?? -1);
  assert.deepEqual([...calls.keys()], [...calls.keys()].map((_, at) => at), `${label}: indices`);
  const ids = [...calls.values()].map(([first]) => stringAt(first, "id") ?? "");
  assert.equal(new Set(ids).size, ids.length, `${label}: ids of calls: ${ids}`);
  for (const [first, ...more] of calls.values()) {
    assert.notEqual(stringAt(first, "id") ?? "", "", `${label}: id`);
    assert.equal(stringAt(first, "type"), "function", `${label}: type`);
    assert.notEqual(nameOf(first) ?? "", "", `${label}: name`);
    for (const piece of more) {
      assert.deepEqual([valueAt(piece, "id"), nameOf(piece)], [undefined, undefined], label);
    }
    const text = [first, ...more].map(argumentsOf).join("");
    if (pieces.at(-1)?.["finish_reason"] !== "length") assertArguments(text, label);
  }
  const reason = pieces.at(-1)?.["finish_reason"];
  if (calls.size > 0) assert.ok(reason === "tool_calls" || reason === "length", label);
}

/** If and only if it was asked for, one last chunk without choices has the usage. */
function assertUsage(bodies: readonly JsonObject[], { label, includeUsage }: StreamAsked): void {
  const bare = bodies.filter((body) => arrayAt(body, "choices").length === 0);
  const counted = bodies.filter((body) => isJsonObject(body["usage"]));
  assert.deepEqual(bare, counted, `${label}: chunks without choices`);
  assert.deepEqual(counted, includeUsage ? bodies.slice(-1) : [], `${label}: usage`);
}

function assertArguments(text: string, label: string): void {
  assert.ok(isJsonObject(JSON.parse(text)), `${label}: arguments ${text}`);
}

function nameOf(call: JsonValue | undefined): string | undefined {
  return stringAt(objectAt(call, "function"), "name");
}

function argumentsOf(call: JsonValue | undefined): string {
  return stringAt(objectAt(call, "function"), "arguments") ?? "";
}
