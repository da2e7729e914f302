/** An upstream that has OpenAI's other endpoints, and refuses what OpenAI refuses there. */

import type { JsonObject } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { type Script, Upstream } from "./upstream.ts";

/** The paths that are no chat, which the chat upstream calls a violation. */
const OTHER_PATHS: ReadonlySet<string> = new Set(["POST /v1/embeddings", "POST /v1/completions"]);

/** A listening upstream for embeddings and completions. */
export class PassageUpstream extends Upstream {
  /** Listens; without a script the test takes each exchange by `next()`. */
  constructor(kind: ProviderKind = "openai", script: Script | null = null) {
    super(kind, script, findFaults);
  }

  /** The paths that were asked. */
  get paths(): readonly string[] {
    return this.exchanges.map(({ request }) => request.path);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    const real = this.violations.filter((violation) => !OTHER_PATHS.has(violation));
    this.violations.splice(0, this.violations.length, ...real);
    await super[Symbol.asyncDispose]();
  }
}

/** Fields of OpenAI's reference: others are 400 `unknown_parameter` there. */
const FIELDS: Readonly<Record<"input" | "prompt", readonly string[]>> = {
  input: ["dimensions", "encoding_format", "user"],
  prompt: [
    ...["max_tokens", "stream", "stream_options", "temperature", "top_p", "stop", "n", "best_of"],
    ...["echo", "suffix", "seed", "user", "logprobs", "logit_bias"],
    ...["frequency_penalty", "presence_penalty"],
  ],
};

function findFaults(body: JsonObject): readonly string[] {
  const field = "input" in body ? "input" : "prompt";
  const known = ["model", field, ...FIELDS[field]];
  const unknown = Object.keys(body).filter((key) => !known.includes(key));
  const isLoose = body["stream_options"] !== undefined && body["stream"] !== true;
  return [
    ...unknown.map((key) => `unknown_parameter ${key}`),
    ...(body[field] === undefined ? [`no ${field}`] : []),
    ...(typeof body["model"] === "string" ? [] : ["no model"]),
    ...(isLoose ? ["stream_options without a stream"] : []),
  ];
}

/** An answer of `/v1/embeddings`. */
export function embeddingsAnswer(model: string, count = 1): JsonObject {
  return {
    "object": "list",
    "data": Array.from({ length: count }, (_, index) => ({
      "object": "embedding",
      "index": index,
      "embedding": [0.1, -0.25, 1e-9],
    })),
    "model": model,
    "usage": { "prompt_tokens": 8, "total_tokens": 8 },
  };
}

/** An answer of `/v1/completions`, or a piece of a streamed one. */
export function completion(
  text: string,
  fields: { readonly end?: string | null; readonly usage?: JsonObject | null } = {},
): JsonObject {
  return {
    "id": "cmpl-1",
    "object": "text_completion",
    "created": 1_700_000_000,
    "model": "upstream-name",
    "choices": [{
      "text": text,
      "index": 0,
      "logprobs": null,
      "finish_reason": fields.end ?? null,
    }],
    ...(fields.usage === undefined ? {} : { "usage": fields.usage }),
  };
}

/** The last chunk of a stream whose usage was asked for. */
export function usageChunk(input: number, output: number): JsonObject {
  const usage = {
    "prompt_tokens": input,
    "completion_tokens": output,
    "total_tokens": input + output,
  };
  return { ...completion(""), "choices": [], "usage": usage };
}
