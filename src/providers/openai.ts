/** OpenAI's Chat Completions API, and the many servers that speak it. */

import { endpointRoot } from "../core/provider.ts";
import type { Adapter } from "./adapter.ts";
import { decodeAnswer } from "./openai_answer.ts";
import { decodeError } from "./openai_error.ts";
import { encodeRequest } from "./openai_request.ts";
import { createDecoder } from "./openai_stream.ts";

/** The adapter. Wire format: https://platform.openai.com/docs/api-reference/chat */
export const openai: Adapter = {
  kind: "openai",
  framing: "sse",
  openaiRoot: endpointRoot,
  encodeRequest,
  decodeAnswer,
  createDecoder,
  decodeError,
};
