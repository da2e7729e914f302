/** Anthropic's Messages API: https://platform.claude.com/docs/en/api/messages */

import type { Adapter } from "./adapter.ts";
import { decodeAnthropicAnswer } from "./anthropic_answer.ts";
import { decodeAnthropicError } from "./anthropic_error.ts";
import { encodeAnthropicRequest } from "./anthropic_request.ts";
import { AnthropicDecoder } from "./anthropic_stream.ts";

/** The `anthropic` dialect. */
export const anthropic: Adapter = {
  kind: "anthropic",
  framing: "sse",
  encodeRequest: encodeAnthropicRequest,
  decodeAnswer: decodeAnthropicAnswer,
  createDecoder: (context) => new AnthropicDecoder(context),
  decodeError: decodeAnthropicError,
};
