/** The tool calls of a stream, as an SDK puts them together. */

import { arrayAt, numberAt, objectAt, stringAt } from "../../src/core/json.ts";
import type { Got } from "./got.ts";

/** A call of a tool. */
export interface SeenCall {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly args: string;
}

/**
 * The calls in the deltas, in the order of their first pieces. Throws where SDKs would be lost: when a
 * first piece lacks index, id, type or name, or a later one has any of the last three.
 */
export function callsIn({ bodies }: Pick<Got, "bodies">): readonly SeenCall[] {
  const calls = new Map<number, SeenCall>();
  const deltas = bodies.flatMap((body) => arrayAt(body, "choices"))
    .flatMap((choice) => arrayAt(objectAt(choice, "delta"), "tool_calls"));
  for (const delta of deltas) {
    const index = numberAt(delta, "index");
    const [id, type] = [stringAt(delta, "id"), stringAt(delta, "type")];
    const spec = objectAt(delta, "function");
    const [name, args] = [stringAt(spec, "name"), stringAt(spec, "arguments")];
    const known = index === undefined ? undefined : calls.get(index);
    const isFirst = index !== undefined && id && type === "function" && name && !known;
    const isLater = id === undefined && type === undefined && name === undefined && known;
    if (isFirst) calls.set(index, { index, id, name, args: args ?? "" });
    else if (isLater) calls.set(known.index, { ...known, args: known.args + (args ?? "") });
    else throw new Error(`a delta that is neither first nor later: ${JSON.stringify(delta)}`);
  }
  return [...calls.values()];
}
