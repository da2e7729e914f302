/** Errors: by code and type where the server gives them, else by status, by text as the last resort. */

import {
  arrayAt,
  isJsonObject,
  type JsonValue,
  numberAt,
  stringAt,
  valueAt,
} from "../core/json.ts";
import { type FaultKind, faultKindOfStatus, type UpstreamFault } from "../core/outcome.ts";
import type { ErrorReply } from "./adapter.ts";
import { readRetryAfterMs } from "./retry_after.ts";

/**
 * `error.code` or `error.type` -> kind. OpenAI's are in https://platform.openai.com/docs/guides/error-codes;
 * `exceed_context_size_error` is llama.cpp's.
 */
const CODE_KINDS: ReadonlyMap<string, FaultKind> = new Map<string, FaultKind>([
  ["context_length_exceeded", "context_overflow"],
  ["exceed_context_size_error", "context_overflow"],
  ["insufficient_quota", "quota"],
  ["billing_hard_limit_reached", "quota"],
  ["billing_not_active", "quota"],
  ["rate_limit_exceeded", "rate_limit"],
  ["rate_limit_error", "rate_limit"],
  ["invalid_api_key", "auth"],
  ["account_deactivated", "auth"],
  ["authentication_error", "auth"],
  ["permission_error", "permission"],
  ["model_not_found", "not_found"],
  ["content_filter", "content_filter"],
  ["content_policy_violation", "content_filter"],
  ["moderation_blocked", "content_filter"],
  ["request_too_large", "too_large"],
  ["engine_overloaded", "overloaded"],
  ["overloaded_error", "overloaded"],
  ["unavailable_error", "overloaded"],
  ["slow_down", "overloaded"],
]);

/** Sentences of servers without codes (vLLM, LM Studio, llama.cpp, gateways). */
const OVERFLOW_TEXT =
  /maximum context length|context (?:length|window|size) (?:of|is|was|has|exceeded|limit)|exceeds? (?:the )?(?:available |model'?s? )?(?:maximum )?context|prompt is too long|input is too long|context the overflows/i;

/** Maps an HTTP error. */
export function decodeError(reply: ErrorReply): UpstreamFault {
  const retryAfterMs = readRetryAfterMs(reply.headers);
  return { ...faultOfError(reply.body, reply.status), retryAfterMs };
}

/** Reads an error object, or a body that has one, as servers nest them; `status` null means that it came with a 200. */
export function faultOfError(body: JsonValue, status: number | null): UpstreamFault {
  const error = findError(body);
  const type = stringAt(error, "type") ?? null;
  const code = stringAt(error, "code") ?? null;
  const text = textOfError(error);
  const saidStatus = status ?? numberAt(error, "code") ?? numberAt(error, "status") ?? null;
  const param = stringAt(error, "param") ?? null;
  return {
    kind: kindOf({ code, type, text, status: saidStatus }),
    status,
    message: text.trim() === "" ? describeStatus(saidStatus) : text,
    type,
    code,
    param,
    ...findRefusedField({ code, param, text }),
  };
}

/** Some servers wrap the object in an array, some send its fields bare. */
function findError(body: JsonValue): JsonValue {
  const source = Array.isArray(body) ? body[0] ?? null : body;
  const error = valueAt(source, "error");
  if (error !== undefined && error !== null && typeof error !== "boolean") return error;
  return isJsonObject(source) ? source : null;
}

function textOfError(error: JsonValue): string {
  if (typeof error === "string") return error;
  const [detail] = arrayAt(error, "detail"); // FastAPI's list of what is invalid
  return stringAt(error, "message") ?? stringAt(error, "detail") ?? stringAt(detail, "msg") ?? "";
}

interface ErrorSigns {
  readonly code: string | null;
  readonly type: string | null;
  readonly text: string;
  readonly status: number | null;
}

function kindOf({ code, type, text, status }: ErrorSigns): FaultKind {
  const known = CODE_KINDS.get(code ?? "") ?? CODE_KINDS.get(type ?? "");
  if (known !== undefined) return known;
  const kind = status === null || status < 400 ? "server_error" : faultKindOfStatus(status);
  const mayOverflow = kind === "bad_request" || kind === "too_large" || kind === "server_error";
  return mayOverflow && OVERFLOW_TEXT.test(text) ? "context_overflow" : kind;
}

function describeStatus(status: number | null): string {
  return status === null
    ? "the upstream reported an error without saying which"
    : `the upstream answered with HTTP ${status} and no error message`;
}

/** The codes by which a model refuses a field that others take. */
const REFUSAL_CODES: ReadonlySet<string> = new Set([
  "unsupported_parameter",
  "unsupported_value",
  "unknown_parameter",
]);

/** Fields that shape an answer or its bookkeeping, without which the request means the same. */
const OPTIONAL_FIELDS: ReadonlySet<string> = new Set([
  "reasoning_effort",
  "verbosity",
  "temperature",
  "top_p",
  "presence_penalty",
  "frequency_penalty",
  "seed",
  "store",
  "metadata",
  "user",
  "service_tier",
  "prompt_cache_key",
  "safety_identifier",
  "stream_options",
]);

/** Older models say it in words alone. */
const UNRECOGNIZED = /^Unrecognized request arguments? supplied: ([a-z_]+)/;

function findRefusedField(signs: {
  readonly code: string | null;
  readonly param: string | null;
  readonly text: string;
}): { readonly refusedField?: string; readonly isValueRefused?: boolean } {
  const said = REFUSAL_CODES.has(signs.code ?? "") ? signs.param : null;
  const field = said ?? UNRECOGNIZED.exec(signs.text)?.[1] ?? "";
  if (!OPTIONAL_FIELDS.has(field)) return {};
  return { refusedField: field, isValueRefused: signs.code === "unsupported_value" };
}
