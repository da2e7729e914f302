/** Anthropic's errors: https://platform.claude.com/docs/en/api/errors */

import { type JsonValue, objectAt, stringAt } from "../core/json.ts";
import { type FaultKind, faultKindOfStatus, type UpstreamFault } from "../core/outcome.ts";
import type { ErrorReply } from "./adapter.ts";
import { readRetryAfterMs } from "./retry_after.ts";

/** By `error.type`. */
const TYPE_KINDS: ReadonlyMap<string, FaultKind> = new Map<string, FaultKind>([
  ["invalid_request_error", "bad_request"],
  ["authentication_error", "auth"],
  ["billing_error", "quota"],
  ["permission_error", "permission"],
  ["not_found_error", "not_found"],
  ["request_too_large", "too_large"],
  ["rate_limit_error", "rate_limit"],
  ["timeout_error", "server_error"],
  ["api_error", "server_error"],
  ["overloaded_error", "overloaded"],
]);

/** By `error.details.error_code`. */
const CODE_KINDS: ReadonlyMap<string, FaultKind> = new Map<string, FaultKind>([
  ["linked_organization_billing_unavailable", "quota"],
  ["linked_organization_spend_limit_reached", "quota"],
  ["contract_spend_limit_reached", "quota"],
  ["enforced_spend_limit_reached", "quota"],
]);

/** By text, for what has neither a type nor a code of its own. */
const QUOTA_TEXT =
  /credit balance is too low|exceeded your current quota|reached your specified api usage limits/i;
const PROMPT_TOO_LONG = /prompt is too long(?:: (\d+) tokens > (\d+) maximum)?/i;
const LIMITS_TOO_HIGH = /exceed context limit: (\d+) \+ (\d+) > (\d+)/i;

/** Maps an HTTP error by its type and code, else by its status. */
export function decodeAnthropicError(reply: ErrorReply): UpstreamFault {
  const fault = decodeErrorBody(reply.body, {
    status: reply.status,
    kind: faultKindOfStatus(reply.status),
    message: `The upstream answered with HTTP status ${reply.status}.`,
  });
  return { ...fault, retryAfterMs: readRetryAfterMs(reply.headers) };
}

/** What an error without a readable type is taken for. */
export interface ErrorDefaults {
  /** The HTTP status; null inside a stream. */
  readonly status: number | null;
  readonly kind: FaultKind;
  readonly message: string;
}

/** Maps the body `{type: "error", error: {type, message}}`, of an HTTP error or in a stream. */
export function decodeErrorBody(body: JsonValue, defaults: ErrorDefaults): UpstreamFault {
  const error = objectAt(body, "error");
  const type = stringAt(error, "type") ?? null;
  const code = stringAt(objectAt(error, "details"), "error_code") ?? null;
  const text = stringAt(error, "message") ?? "";
  const typeKind = CODE_KINDS.get(code ?? "") ?? kindOfType(type, defaults.kind);
  const overflow = describeOverflow(text);
  if (overflow !== null && (typeKind === "bad_request" || typeKind === "too_large")) {
    return {
      kind: "context_overflow",
      status: defaults.status,
      message: `${overflow} (${text})`,
      type,
      code: "context_length_exceeded",
      param: "messages",
    };
  }
  return {
    kind: QUOTA_TEXT.test(text) ? "quota" : typeKind,
    status: defaults.status,
    message: text === "" ? defaults.message : text,
    type,
    code,
    param: null,
  };
}

/** A status that says more than "your fault" or "our fault" wins over the type. */
function kindOfType(type: string | null, ofStatus: FaultKind): FaultKind {
  if (ofStatus !== "bad_request" && ofStatus !== "server_error") return ofStatus;
  return TYPE_KINDS.get(type ?? "") ?? ofStatus;
}

/** Clients know a context overflow by OpenAI's sentence alone, so it is said in that. */
function describeOverflow(text: string): string | null {
  const limits = LIMITS_TOO_HIGH.exec(text);
  if (limits !== null) {
    const [, input, output, window] = limits;
    return sentence(
      window,
      `you requested ${Number(input) + Number(output)} tokens ` +
        `(${input} in the messages, ${output} in the completion)`,
    );
  }
  const prompt = PROMPT_TOO_LONG.exec(text);
  if (prompt === null) return null;
  const [, tokens, window] = prompt;
  return tokens === undefined
    ? "Your messages exceed this model's maximum context length. " +
      "Please reduce the length of the messages."
    : sentence(window, `your messages resulted in ${tokens} tokens`);
}

function sentence(window: string | undefined, excess: string): string {
  return `This model's maximum context length is ${window} tokens. However, ${excess}. ` +
    "Please reduce the length of the messages.";
}
