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
import { ArgumentTracker } from "./openai_argument.ts";
import { nameOfTool, renameTool, type ToolNames } from "./openai_name.ts";
import { isFilled, isOtherCall, readArguments } from "./openai_part.ts";

/** One call of a choice. */
interface CallSlot {
  /** Its position among the choice's calls. */
  readonly index: number;
  /** The upstream's id; null when it gave none so far. */
  upstreamId: string | null;
  /** The upstream's name for the tool; empty as long as it has not said it. */
  name: string;
  args: string;
  readonly tracker: ArgumentTracker;
  /** The id that the client sees; null as long as its first piece did not go out. */
  id: string | null;
  /** What came beside the call (Google's signatures); null: nothing. */
  extra: JsonValue;
  /** A call of a tool that is no function passes through. */
  readonly isOther: boolean;
}

/** What a tracker needs. */
export interface CallOptions {
  /** Makes an id for a call that has none. */
  readonly createId: () => string;
  /** The name that a call without one must have; null when there are several. */
  readonly soleName: string | null;
  readonly names: ToolNames;
  /** The names of the request's tools on the wire. */
  readonly wireNames: readonly string[];
}

/** Follows the tool calls of one choice. */
export class CallTracker {
  readonly #options: CallOptions;
  readonly #slots: CallSlot[] = [];
  /** The newest call at each of the upstream's indices: some servers give all calls the same. */
  readonly #byIndex = new Map<number, CallSlot>();
  readonly #byId = new Map<string, CallSlot>();
  /** Those that wait for more of their name. */
  readonly #held = new Set<CallSlot>();

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
    return this.#slots.some((slot) => !slot.isOther && slot.name === "");
  }

  /** What came beside calls, by the id that the client sees. */
  get extras(): readonly (readonly [string, JsonValue])[] {
    return this.#slots.flatMap((slot) =>
      !slot.id || slot.extra === null ? [] : [[slot.id, slot.extra] as const]
    );
  }

  /** The pieces as clients need them; the same array when they are right as they came. */
  repair(pieces: JsonArray): JsonArray {
    const repaired = pieces.flatMap((piece) => this.#repairPiece(piece));
    const isSame = repaired.length === pieces.length &&
      repaired.every((piece, position) => piece === pieces[position]);
    return isSame ? pieces : repaired;
  }

  /**
   * Pieces that make the calls whole, or as whole as they came when the answer was cut (`isCut`): a
   * call that waits for more of its name has all of it, one without arguments an empty object.
   */
  complete(isCut: boolean): readonly JsonObject[] {
    const held = this.#releaseHeld();
    if (isCut) return held;
    const bare = this.#slots.filter((slot) => !slot.isOther && slot.args.trim() === "");
    for (const slot of bare) slot.args = "{}";
    return [
      ...held,
      ...bare.map(({ index }) => ({ "index": index, "function": { "arguments": "{}" } })),
    ];
  }

  #repairPiece(piece: JsonValue): readonly JsonObject[] {
    if (!isJsonObject(piece)) return [];
    const count = this.#slots.length;
    const slot = this.#slotOf(piece);
    const held = this.#slots.length > count ? this.#releaseHeld(slot) : [];
    slot.extra = piece["extra_content"] ?? slot.extra;
    return [
      ...held,
      ...(slot.isOther ? this.#passOther(piece, slot) : this.#passPiece(piece, slot)),
    ];
  }

  #passOther(piece: JsonObject, slot: CallSlot): readonly JsonObject[] {
    slot.id ??= slot.upstreamId ?? "";
    const name = nameOfTool(piece);
    const named = name ? renameTool(piece, this.#options.names.fromWire(name)) : piece;
    return [named["index"] === slot.index ? named : { ...named, "index": slot.index }];
  }

  #passPiece(piece: JsonObject, slot: CallSlot): readonly JsonObject[] {
    const spec = objectAt(piece, "function") ?? {};
    const args = readArguments(spec["arguments"]);
    slot.args += args;
    slot.tracker.add(args);
    if (slot.id !== null) return [continueCall(piece, { spec, slot, args })];
    const said = isFilled(spec["name"]) ? spec["name"] : "";
    if (slot.name === "" || this.#isRest(said, slot)) slot.name += said;
    const mayGoOn = slot.args === "" && said !== "" && this.#isStart(slot.name);
    if (mayGoOn) this.#held.add(slot);
    if (slot.name === "" || mayGoOn) return []; // until the name comes, or all of it
    return [this.#startCall(piece, slot)];
  }

  /** Whether a tool has a longer name that begins so. */
  #isStart(name: string): boolean {
    return this.#options.wireNames.some((known) => known !== name && known.startsWith(name));
  }

  /** Starts the calls whose name can't go on, `current` excepted. */
  #releaseHeld(current?: CallSlot): readonly JsonObject[] {
    return [...this.#held].filter((slot) => slot !== current)
      .map((slot) => this.#startCall({}, slot));
  }

  #startCall(piece: JsonObject, slot: CallSlot): JsonObject {
    const spec = objectAt(piece, "function") ?? {};
    const name = this.#options.names.fromWire(slot.name);
    this.#held.delete(slot);
    slot.id = slot.upstreamId ?? this.#options.createId();
    const isRight = piece["index"] === slot.index && piece["id"] === slot.id &&
      piece["type"] === "function" && spec["name"] === name && spec["arguments"] === slot.args;
    if (isRight) return piece;
    return {
      ...piece,
      ...(slot.extra === null ? {} : { "extra_content": slot.extra }),
      "index": slot.index,
      "id": slot.id,
      "type": "function",
      "function": { ...spec, "name": name, "arguments": slot.args },
    };
  }

  #slotOf(piece: JsonObject): CallSlot {
    const index = numberAt(piece, "index");
    const id = isFilled(piece["id"]) ? piece["id"] : null;
    const known = id === null ? undefined : this.#byId.get(id);
    const near = index === undefined
      ? (id === null ? this.#slots.at(-1) : undefined)
      : this.#byIndex.get(index);
    const slot = known ??
      (near === undefined || this.#startsAnother(piece, near) ? undefined : near) ??
      this.#addSlot(piece);
    slot.upstreamId ??= id;
    if (id !== null && slot.upstreamId === id) this.#byId.set(id, slot);
    if (index !== undefined) this.#byIndex.set(index, slot);
    return slot;
  }

  #addSlot(piece: JsonObject): CallSlot {
    const slot: CallSlot = {
      index: this.#slots.length,
      upstreamId: null,
      name: "",
      args: "",
      tracker: new ArgumentTracker(),
      id: null,
      extra: null,
      isOther: isOtherCall(piece),
    };
    if (!isFilled(objectAt(piece, "function")?.["name"])) slot.name = this.#options.soleName ?? "";
    this.#slots.push(slot);
    return slot;
  }

  /** Whether a piece that has the index of a known call (or none) begins another one. */
  #startsAnother(piece: JsonObject, near: CallSlot): boolean {
    const name = objectAt(piece, "function")?.["name"];
    if (!isFilled(name) || near.name === "") return false;
    if (isFilled(piece["id"]) && near.upstreamId !== null) return true; // known ids don't come here
    if (near.id === null) return name !== near.name && !this.#isRest(name, near);
    return name !== near.name || near.tracker.isWhole || isOtherValue(near);
  }

  /** Whether the text goes on with the name of a call that waits for more of it. */
  #isRest(text: string, { name }: CallSlot): boolean {
    const { wireNames } = this.#options;
    return !wireNames.includes(text) && wireNames.some((known) => known.startsWith(name + text));
  }
}

/** Whether the arguments are whole, but no object: a tool without any may be called with null. */
function isOtherValue({ tracker, args }: CallSlot): boolean {
  return tracker.isOther && parseJson(args, { maxDepth: MAX_ARGUMENT_DEPTH }).ok;
}

const MAX_ARGUMENT_DEPTH = 256;

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
