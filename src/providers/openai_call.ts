/** Streamed tool calls: pieces without index, id, type or name are told apart and made whole. */

import {
  isJsonObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  numberAt,
  objectAt,
} from "../core/json.ts";
import { parseJson } from "../wire/json.ts";
import { isFilled, isOtherCall, readArguments } from "./openai_part.ts";

/** One call of a choice. */
interface CallSlot {
  /** Its position among the choice's calls. */
  readonly index: number;
  /** The upstream's id; null when it gave none so far. */
  upstreamId: string | null;
  /** Empty as long as the upstream has not said it. */
  name: string;
  args: string;
  /** Whether its first piece went out. */
  isStarted: boolean;
  /** A call of a tool that is no function passes through. */
  readonly isOther: boolean;
}

/** What a tracker needs. */
export interface CallOptions {
  /** Makes an id for a call that has none. */
  readonly createId: () => string;
  /** The name that a call without one must have; null when there are several. */
  readonly soleName: string | null;
}

const MAX_ARGUMENT_DEPTH = 256;

/** Follows the tool calls of one choice. */
export class CallTracker {
  readonly #options: CallOptions;
  readonly #slots: CallSlot[] = [];
  /** The newest call at each of the upstream's indices: some servers give all calls the same. */
  readonly #byIndex = new Map<number, CallSlot>();

  /** Starts without calls. */
  constructor(options: CallOptions) {
    this.#options = options;
  }

  /** Whether any call began. */
  get hasCalls(): boolean {
    return this.#slots.length > 0;
  }

  /** Whether a call has no name to this moment. */
  get hasNamelessCall(): boolean {
    return this.#slots.some((slot) => !slot.isStarted);
  }

  /** The pieces as clients need them; the same array when they are right as they came. */
  repair(pieces: JsonArray): JsonArray {
    const repaired = pieces.map((piece) => this.#repairPiece(piece));
    const isSame = repaired.every((piece, position) => piece === pieces[position]);
    return isSame ? pieces : repaired.filter((piece) => piece !== null);
  }

  /** Pieces that make the calls whole: a call without arguments has an empty object of them. */
  complete(): readonly JsonObject[] {
    const bare = this.#slots.filter((slot) => !slot.isOther && slot.args.trim() === "");
    for (const slot of bare) slot.args = "{}";
    return bare.map(({ index }) => ({ "index": index, "function": { "arguments": "{}" } }));
  }

  #repairPiece(piece: JsonValue): JsonObject | null {
    if (!isJsonObject(piece)) return null;
    const slot = this.#slotOf(piece);
    if (slot.isOther) {
      slot.isStarted = true;
      return piece["index"] === slot.index ? piece : { ...piece, "index": slot.index };
    }
    const spec = objectAt(piece, "function") ?? {};
    const args = readArguments(spec["arguments"]);
    slot.args += args;
    if (slot.isStarted) return continueCall(piece, { spec, slot, args });
    if (slot.name === "" && isFilled(spec["name"])) slot.name = spec["name"];
    if (slot.name === "") return null; // held until the name comes
    slot.isStarted = true;
    return this.#startCall(piece, { spec, slot });
  }

  #startCall(
    piece: JsonObject,
    { spec, slot }: { readonly spec: JsonObject; readonly slot: CallSlot },
  ): JsonObject {
    const isRight = piece["index"] === slot.index && isFilled(piece["id"]) &&
      piece["type"] === "function" && spec["name"] === slot.name && spec["arguments"] === slot.args;
    if (isRight) return piece;
    return {
      ...piece,
      "index": slot.index,
      "id": slot.upstreamId ?? this.#options.createId(),
      "type": "function",
      "function": { ...spec, "name": slot.name, "arguments": slot.args },
    };
  }

  #slotOf(piece: JsonObject): CallSlot {
    const index = numberAt(piece, "index");
    const id = isFilled(piece["id"]) ? piece["id"] : null;
    const known = id === null ? undefined : this.#slots.find((slot) => slot.upstreamId === id);
    const near = index === undefined
      ? (id === null ? this.#slots.at(-1) : undefined)
      : this.#byIndex.get(index);
    const slot = known ?? (near === undefined || startsAnother(piece, near) ? undefined : near) ??
      this.#addSlot(piece);
    slot.upstreamId ??= id;
    if (index !== undefined) this.#byIndex.set(index, slot);
    return slot;
  }

  #addSlot(piece: JsonObject): CallSlot {
    const slot: CallSlot = {
      index: this.#slots.length,
      upstreamId: null,
      name: this.#options.soleName ?? "",
      args: "",
      isStarted: false,
      isOther: isOtherCall(piece),
    };
    const name = objectAt(piece, "function")?.["name"];
    if (isFilled(name)) slot.name = name;
    this.#slots.push(slot);
    return slot;
  }
}

/** Whether a piece that has the index of a known call (or none) begins another one. */
function startsAnother(piece: JsonObject, near: CallSlot): boolean {
  const name = objectAt(piece, "function")?.["name"];
  if (!isFilled(name) || !near.isStarted) return false;
  if (isFilled(piece["id"]) && near.upstreamId !== null) return true; // known ids don't come here
  return name !== near.name || parseJson(near.args, { maxDepth: MAX_ARGUMENT_DEPTH }).ok;
}

function continueCall(
  piece: JsonObject,
  part: { readonly spec: JsonObject; readonly slot: CallSlot; readonly args: string },
): JsonObject {
  const { spec, slot, args } = part;
  const isRight = piece["index"] === slot.index && piece["id"] === undefined &&
    piece["type"] === undefined && spec["name"] === undefined && spec["arguments"] === args;
  if (isRight) return piece;
  const { id: _id, type: _type, ...rest } = piece;
  const { name: _name, ...specRest } = spec;
  return { ...rest, "index": slot.index, "function": { ...specRest, "arguments": args } };
}
