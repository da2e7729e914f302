/** What a dialect is to the rest of pirouter: pure functions between OpenAI's shape and its own. */

import type { ChatAnswer, ChatChunk, ChatRequest } from "../core/chat.ts";
import type { Model } from "../core/catalog.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import type { CompatFlags, Provider, ProviderKind } from "../core/provider.ts";

/** One request for one model, before it is put into a dialect. */
export interface UpstreamCall {
  readonly request: ChatRequest;
  readonly model: Model;
  readonly provider: Provider;
  /** Whether to ask the upstream for a stream. */
  readonly stream: boolean;
  /** Estimated tokens of the request's input. */
  readonly inputTokens: number;
  /** Optional fields that the model has refused: the request has none, and the dialect adds none. */
  readonly refusedFields: ReadonlySet<string>;
  /**
   * What the model gave beside the assistant message at this index of the request and clients don't
   * bring back (`keepsake` of its answer); null when that is not known, or the message is another model's.
   */
  readonly recall: (index: number) => JsonObject | null;
  /** The context window, in tokens, that the server has loaded the model with lately; null: unknown. */
  readonly loadedWindow: number | null;
}

/** A request as the dialect sends it, or why the dialect can't say it. */
export type UpstreamRequest =
  | {
    readonly type: "request";
    readonly url: string;
    /** Lower-case names; the API key is among them. */
    readonly headers: Readonly<Record<string, string>>;
    readonly body: JsonObject;
    /** Top-level names (or paths) of what the client sent and the dialect has no word for. */
    readonly dropped: readonly string[];
    /** Names under which a model may refuse what is deeper in the body and can be left out. */
    readonly hidden?: readonly string[];
    /** The context window, in tokens, that the server is asked to load the model with. */
    readonly window?: number;
    /** Milliseconds that the server keeps the model loaded after it; Infinity: for ever. */
    readonly keepAliveMs?: number;
  }
  | { readonly type: "refused"; readonly fault: UpstreamFault };

/** A whole answer, or the fault that a 200 can hide. */
export type UpstreamAnswer =
  | {
    readonly type: "answer";
    readonly answer: ChatAnswer;
    /** What a later request must hold for this model to go on from here, and OpenAI's shape has no place for. */
    readonly keepsake?: JsonObject;
  }
  | {
    readonly type: "fault";
    readonly fault: UpstreamFault;
    /** What was used all the same, as OpenAI's `usage` object. */
    readonly usage?: JsonObject;
  }
  | {
    /** A fault of some servers, which `doubtQuery` tells from the others. */
    readonly type: "doubt";
    readonly fault: UpstreamFault;
    /** Whether it is a fault where the server does not say. */
    readonly isLikely: boolean;
    readonly usage?: JsonObject;
    /** What it is at other servers. */
    readonly otherwise: SettledAnswer;
  };

/** A whole answer, or a fault, without doubt. */
export type SettledAnswer = Exclude<UpstreamAnswer, { readonly type: "doubt" }>;

/** One frame of a stream: an SSE event, or a line of NDJSON (its event is null). */
export interface Frame {
  readonly event: string | null;
  readonly data: string;
}

/** What a frame means. After `done` or `fault` nothing follows. */
export type StreamEvent =
  | { readonly type: "chunk"; readonly chunk: ChatChunk }
  | { readonly type: "done"; readonly keepsake?: JsonObject }
  | { readonly type: "fault"; readonly fault: UpstreamFault }
  | {
    /** A fault of some servers, which `doubtQuery` tells from the others. */
    readonly type: "doubt";
    readonly fault: UpstreamFault;
    /** Whether it is a fault where the server does not say. */
    readonly isLikely: boolean;
    /** What it is at other servers. */
    readonly otherwise: readonly SettledEvent[];
  };

/** What a frame means, without doubt. */
export type SettledEvent = Exclude<StreamEvent, { readonly type: "doubt" }>;

/** Turns the frames of one stream into OpenAI chunks; keeps the state that takes. */
export interface StreamDecoder {
  /** The events of one frame, none for pings. Never throws: a bad frame is a `malformed` fault. */
  decode(frame: Frame): readonly StreamEvent[];
  /**
   * What the end of the stream means: `done` when the protocol's end marker was seen (a
   * `finish_reason` is one), else a `truncated` fault. Empty when `done` or `fault` was given before.
   */
  end(): readonly StreamEvent[];
}

/** What an HTTP error says. */
export interface ErrorReply {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body, or null when it is not JSON. */
  readonly body: JsonValue;
}

/** What a decoder or answer parser needs to know of the request it answers. */
export interface AnswerContext {
  /** Names what the upstream does not name: an answer's `id`, ids of tool calls. Unique a request. */
  readonly requestId: string;
  /** Seconds since 1970, for `created` where the upstream has none. */
  readonly created: number;
  /** The request, for what its answer depends on (a forced tool that stands for a JSON schema). */
  readonly request: ChatRequest;
  readonly model: Model;
  /** The quirks that the config sets for the server. */
  readonly compat?: CompatFlags;
  /** Estimated tokens of the request's input. */
  readonly inputTokens?: number;
  /** The context window, in tokens, that the server was asked to load the model with. */
  readonly window?: number;
}

/** How to ask a server which models are in its memory. */
export interface LoadedModelsQuery {
  /** The request, a GET. */
  encodeRequest(provider: Provider): {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  /** Whether the reply's body says that the model is loaded. */
  hasModel(body: JsonValue, model: Model): boolean;
}

/** How to find out whether an answer in doubt is a fault. */
export interface DoubtQuery {
  /** The request, a GET. */
  encodeRequest(provider: Provider): {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  /** Whether the reply's body (null: there was none) shows that the answer is one; null: it doesn't say. */
  isFounded(body: JsonValue): boolean | null;
}

/** A model that a server has, as far as the server tells. */
export interface ServedModel {
  readonly name: string;
  /** Tokens; null when the server doesn't say. */
  readonly contextWindow: number | null;
  readonly supportsTools: boolean;
  readonly supportsVision: boolean;
  /** Whether it can embed and not chat. */
  readonly isEmbedding: boolean;
  /** Null when the server doesn't say. */
  readonly parameterCount: number | null;
  /** Whether the server only passes requests on to a vendor's cloud. */
  readonly isHosted: boolean;
}

/** How to ask a server which models it has, and what they are. */
export interface ModelListQuery {
  /** The request for the list, a GET. */
  encodeList(provider: Provider): {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  /** The models of its reply; what is shown of one stays true for its version. Null: no list. */
  readList(body: JsonValue):
    | readonly { readonly name: string; readonly version: string }[]
    | null;
  /** The request for one of them, a POST. */
  encodeShow(provider: Provider, name: string): {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  /** What its reply says. */
  readShown(
    body: JsonValue,
    of: { readonly name: string; readonly provider: Provider },
  ): ServedModel;
  /** The same text for all names that mean one model. */
  keyOf(name: string): string;
  /** The next step for a model that the server does not have. */
  adviseMissing(modelId: string): string;
}

/** One dialect. Adding one is a file like this and a line in `mod.ts`. */
export interface Adapter {
  readonly kind: ProviderKind;
  /** Where models are loaded on demand, so that a first token can take long; else absent. */
  readonly loadedModels?: LoadedModelsQuery;
  /** Where the server tells which models it has, and what they can do; else absent. */
  readonly modelList?: ModelListQuery;
  /** Who tells which doubtful answers are faults; absent: all of them are. */
  readonly doubtQuery?: DoubtQuery;
  /**
   * The URL below which the server speaks OpenAI's other endpoints (`/embeddings`, `/completions`);
   * absent where it has none.
   */
  readonly openaiRoot?: (provider: Provider) => string;
  /** Milliseconds that a model keeps what it has read, where the provider's settings say so. */
  readonly cacheWarmMsOf?: (provider: Provider) => number;
  /** How its streams are framed. */
  readonly framing: "sse" | "ndjson";
  /** Puts the request into the dialect, losing nothing that it can express. */
  encodeRequest(call: UpstreamCall): UpstreamRequest;
  /** Reads a whole answer. */
  decodeAnswer(body: JsonValue, context: AnswerContext): UpstreamAnswer;
  /** Starts to read a streamed one. */
  createDecoder(context: AnswerContext): StreamDecoder;
  /** Maps an error by status, type and code; by its text only where the dialect has no code. */
  decodeError(reply: ErrorReply): UpstreamFault;
}
