/** What a client got, streamed or whole, in one form. */

import { arrayAt, isJsonObject, type JsonObject, objectAt, stringAt } from "../../src/core/json.ts";

/** A response, as far as it was read. */
export interface Got {
  readonly status: number;
  readonly headers: Headers;
  /** All bytes of the body. */
  readonly raw: string;
  /** The body, or of a stream those of its events: comments and `[DONE]` are none. */
  readonly bodies: readonly JsonObject[];
  /** The text of the answer; "" when there is none. */
  readonly text: string;
  readonly finish: string | null;
  /** The errors: in the stream, or the body of a response that is none. */
  readonly errors: readonly JsonObject[];
  /** The first of them. */
  readonly error: JsonObject | null;
  /** How many `[DONE]` there were. */
  readonly doneCount: number;
}

type Head = Pick<Got, "status" | "headers">;

/** Reads a response to its end. Throws when that is within an event. */
export async function readResponse(response: Response): Promise<Got> {
  const raw = await response.text();
  if (isStreamed(response) && !/(^|\n\n)$/.test(raw)) {
    throw new Error(`the stream ends within an event: ${raw.slice(-200)}`);
  }
  return readGot(response, raw);
}

/**
 * What a head and the bytes after it are to a client, who may have left anywhere: an event that has
 * not come whole is none. Throws when one that has is neither JSON nor `[DONE]`.
 */
export function readGot({ status, headers }: Head, raw: string): Got {
  const events = isStreamed({ headers }) ? eventsIn(raw) : [raw];
  const data = events.filter((event) => !event.startsWith(":"));
  const bodies = data.filter((event) => event !== DONE).map(parseObject);
  const choices = bodies.flatMap((body) => arrayAt(body, "choices"));
  const errors = bodies.map((body) => objectAt(body, "error")).filter((error) =>
    error !== undefined
  );
  return {
    status,
    headers,
    raw,
    bodies,
    text: deltasIn(bodies).map((delta) => stringAt(delta, "content") ?? "").join(""),
    finish: choices.map((choice) => stringAt(choice, "finish_reason")).find(Boolean) ?? null,
    errors,
    error: errors[0] ?? null,
    doneCount: data.filter((event) => event === DONE).length,
  };
}

const DONE = "[DONE]";

/** Whether the response is a stream. */
export function isStreamed({ headers }: Pick<Got, "headers">): boolean {
  return headers.get("content-type")?.startsWith("text/event-stream") ?? false;
}

/** The events that have come whole: the data of each, or the comment with its colon. */
export function eventsIn(raw: string): readonly string[] {
  return raw.split("\n\n").slice(0, -1).map((block) => block.replace(/^data: /, ""));
}

/** What the choices say: each the delta of a chunk, or a whole message. */
export function deltasIn(bodies: readonly JsonObject[]): readonly JsonObject[] {
  return bodies.flatMap((body) => arrayAt(body, "choices"))
    .map((choice) => objectAt(choice, "delta") ?? objectAt(choice, "message") ?? {});
}

function parseObject(text: string): JsonObject {
  const value = JSON.parse(text);
  if (!isJsonObject(value)) throw new Error(`no object: ${text}`);
  return value;
}

/** The chunks, without what differs between requests: id, time, the model's name, own ids of calls. */
export function chunksOf({ bodies }: Pick<Got, "bodies">): readonly JsonObject[] {
  return bodies.filter((body) => body["error"] === undefined).map((body) => {
    const { id: _id, created: _created, model: _model, ...rest } = body;
    return parseObject(JSON.stringify(rest).replace(/"call_[0-9a-f]{20,}_/g, '"call_'));
  });
}

/** The models that these chunks or whole answers name, each once. */
export function modelsOf(bodies: readonly JsonObject[]): readonly string[] {
  return [...new Set(bodies.map((body) => String(body["model"])))];
}
