/** Anthropic's errors: https://platform.claude.com/docs/en/api/errors */

import { type JsonValue, objectAt, stringAt } from "../core/json.ts";
import { type FaultKind, faultKindOfStatus, type UpstreamFault } from "../core/outcome.ts";
import type { ErrorReply } from "./adapter.ts";
import { readLimitResetMs, readRetryAfterMs } from "./retry_after.ts";

/** By `error.type`. What says no more than the status does (`invalid_request_error`, `api_error`) is not here. */
const TYPE_KINDS: ReadonlyMap<string, FaultKind> = new Map<string, FaultKind>([
  ["authentication_error", "auth"],
  ["billing_error", "quota"],
  ["permission_error", "permission"],
  ["not_found_error", "not_found"],
  ["request_too_large", "too_large"],
  ["rate_limit_error", "rate_limit"],
  ["timeout_error", "server_error"],
  ["conflict_error", "server_error"],
  ["overloaded_error", "overloaded"],
]);

/** By `error.details.error_code`, or OpenRouter's `error.error_type` where it says more than the type. */
const CODE_KINDS: ReadonlyMap<string, FaultKind> = new Map<string, FaultKind>([
  ["linked_organization_billing_unavailable", "quota"],
  ["linked_organization_spend_limit_reached", "quota"],
  ["contract_spend_limit_reached", "quota"],
  ["enforced_spend_limit_reached", "quota"],
  ["context_length_exceeded", "context_overflow"],
  ["content_policy_violation", "content_filter"],
]);

/** By text, for what has neither a type nor a code of its own. */
const QUOTA_TEXT =
  /credit balance is too low|exceeded your current quota|reached your specified (workspace )?api usage limits/i;
const THINKING_TEXT =
  /`(?:redacted_)?thinking` block|Expected `thinking`|`signature` in|When `thinking` is (?:en|dis)abled/;
const FILTER_TEXT = /blocked by content filtering policy/i;
const PROMPT_TOO_LONG = /prompt is too long(?:: (\d+) tokens > (\d+) maximum)?/i;
const LIMITS_TOO_HIGH = /exceed context limit: (\d+) \+ (\d+) > (\d+)/i;

/** Maps an HTTP error by its type and code, else by its status. */
export function decodeAnthropicError(reply: ErrorReply): UpstreamFault {
  const fault = decodeErrorBody(reply.body, {
    status: reply.status,
    kind: faultKindOfStatus(reply.status),
    message: `The upstream answered with HTTP status ${reply.status}.`,
  });
  const resetMs = fault.kind === "rate_limit" ? readLimitResetMs(reply.headers) : null;
  return { ...fault, retryAfterMs: readRetryAfterMs(reply.headers) ?? resetMs };
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
  const code = stringAt(objectAt(error, "details"), "error_code") ??
    stringAt(error, "error_type") ??
    null;
  const text = stringAt(error, "message") ?? "";
  const known = CODE_KINDS.get(code ?? "") ?? TYPE_KINDS.get(type ?? "");
  const kind = refineKind(known ?? kindOfDefault(type, defaults), text);
  const { status } = defaults;
  if (kind === "context_overflow") return overflowFault({ text, status, type });
  const message = text === "" ? defaults.message : text;
  const fault = { kind, status, message, type, code, param: null };
  // The thinking of earlier turns may have become invalid: the model can go on without.
  const isUnwanted = kind === "bad_request" && THINKING_TEXT.test(text);
  return isUnwanted ? { ...fault, refusedField: "thinking", isValueRefused: true } : fault;
}

/** Within a stream there is no status: what the request is to blame for says so by its type. */
function kindOfDefault(type: string | null, { status, kind }: ErrorDefaults): FaultKind {
  return type === "invalid_request_error" && status === null ? "bad_request" : kind;
}

/** What the vendor has neither a type nor a code for. */
function refineKind(kind: FaultKind, text: string): FaultKind {
  const isOfRequest = kind === "bad_request" || kind === "too_large";
  if (isOfRequest && describeOverflow(text) !== null) return "context_overflow";
  if (QUOTA_TEXT.test(text)) return "quota";
  return FILTER_TEXT.test(text) ? "content_filter" : kind;
}

function overflowFault(error: {
  readonly text: string;
  readonly status: number | null;
  readonly type: string | null;
}): UpstreamFault {
  const { text, status, type } = error;
  return {
    kind: "context_overflow",
    status,
    message: `${describeOverflow(text) ?? OVERFLOW} (${text})`,
    type,
    code: "context_length_exceeded",
    param: "messages",
  };
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
    ? OVERFLOW
    : sentence(window, `your messages resulted in ${tokens} tokens`);
}

const OVERFLOW = "Your messages exceed this model's maximum context length. " +
  "Please reduce the length of the messages.";

function sentence(window: string | undefined, excess: string): string {
  return `This model's maximum context length is ${window} tokens. However, ${excess}. ` +
    "Please reduce the length of the messages.";
}
