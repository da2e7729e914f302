/** What a client has seen of an answer, in a form in which two streams can be compared. */

import {
  arrayAt,
  isJsonObject,
  type JsonObject,
  numberAt,
  objectAt,
  stringAt,
} from "../../src/core/json.ts";

/** A response, read to its end; a whole answer is one chunk. */
export interface SeenStream {
  readonly status: number;
  readonly headers: Headers;
  /** The chunks, without what differs between requests: id, time, the model's name, own ids of calls. */
  readonly chunks: readonly JsonObject[];
  /** The models that the chunks name. */
  readonly models: ReadonlySet<string>;
  readonly text: string;
  readonly finish: string | null;
  /** The errors: in the stream, or the body of a response that is none. */
  readonly errors: readonly JsonObject[];
  /** How many `[DONE]` there were. */
  readonly doneCount: number;
  /** All bytes of the body. */
  readonly raw: string;
}

/** Reads a response to its end. Throws when an event is neither JSON nor `[DONE]`. */
export async function readSeenStream(response: Response): Promise<SeenStream> {
  const { status, headers } = response;
  const raw = await response.text();
  const isStream = headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  const events = isStream ? readEvents(raw) : [raw];
  const bodies = events.filter((event) => event !== "[DONE]").map(parseObject);
  const chunks = bodies.filter((body) => body["error"] === undefined);
  const choices = chunks.flatMap((chunk) => arrayAt(chunk, "choices")).filter(isJsonObject);
  return {
    status,
    headers,
    raw,
    chunks: chunks.map(withoutNames),
    models: new Set(chunks.map((chunk) => String(chunk["model"]))),
    text: choices.map((choice) => stringAt(saidIn(choice), "content") ?? "").join(""),
    finish: choices.map((choice) => stringAt(choice, "finish_reason")).find(Boolean) ?? null,
    errors: bodies.map((body) => objectAt(body, "error")).filter((error) => error !== undefined),
    doneCount: events.length - bodies.length,
  };
}

function saidIn(choice: JsonObject): JsonObject | undefined {
  return objectAt(choice, "delta") ?? objectAt(choice, "message");
}

function withoutNames(chunk: JsonObject): JsonObject {
  const { id: _id, created: _created, model: _model, ...rest } = chunk;
  return parseObject(JSON.stringify(rest).replace(/"call_[0-9a-f]{20,}_/g, '"call_'));
}

/** The data of the events; comments are passed over. */
function readEvents(raw: string): readonly string[] {
  const blocks = raw.split("\n\n");
  if (blocks.pop() !== "") throw new Error("the stream ends within an event");
  return blocks.filter((block) => !block.startsWith(":"))
    .map((block) => block.replace(/^data: /, ""));
}

function parseObject(text: string): JsonObject {
  const value = JSON.parse(text);
  if (!isJsonObject(value)) throw new Error(`no object: ${text}`);
  return value;
}

/** A call as an SDK puts it together. */
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
export function callsIn({ chunks }: Pick<SeenStream, "chunks">): readonly SeenCall[] {
  const calls = new Map<number, SeenCall>();
  const deltas = chunks.flatMap((chunk) => arrayAt(chunk, "choices"))
    .flatMap((choice) => arrayAt(objectAt(choice, "delta"), "tool_calls"));
  for (const delta of deltas) {
    const [index, id, type] = [
      numberAt(delta, "index"),
      stringAt(delta, "id"),
      stringAt(delta, "type"),
    ];
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
