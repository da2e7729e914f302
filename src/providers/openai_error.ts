/** Errors: by code and type where the server gives them, else by status, by text as the last resort. */

import { arrayAt, type JsonValue, objectAt, stringAt, valueAt } from "../core/json.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import type { ErrorReply } from "./adapter.ts";
import { isOpenaiField } from "./openai_field.ts";
import { kindOfError } from "./openai_error_kind.ts";
import { type ErrorSigns, readErrorSigns } from "./openai_error_signs.ts";
import { readRetryAfterMs } from "./retry_after.ts";

/** Maps an HTTP error. */
export function decodeError(reply: ErrorReply): UpstreamFault {
  const fault = faultOfError(reply.body, reply.status);
  const retryAfterMs = readRetryAfterMs(reply.headers) ?? fault.retryAfterMs ?? null;
  return { ...fault, retryAfterMs };
}

/** Reads an error object, or a body that has one, as servers nest them; `status` null means that it came with a 200. */
export function faultOfError(body: JsonValue, status: number | null): UpstreamFault {
  const signs = readErrorSigns(body, status);
  const { type, code, param, text, retryDelayMs } = signs;
  return {
    kind: kindOfError(signs),
    status,
    message: (text === "" ? describeStatus(signs.status) : text) + hintOf(body, signs),
    type,
    code,
    param,
    ...(retryDelayMs === null ? {} : { retryAfterMs: retryDelayMs }),
    ...findRefusedField({ code, param, text }, body),
  };
}

function describeStatus(status: number | null): string {
  return status === null
    ? "the upstream reported an error without saying which"
    : `the upstream answered with HTTP ${status} and no error message`;
}

/** Where nothing is served, it is mostly because a `base_url` lacks the path below which all is. */
const PATH_HINT = "; is base_url right, does it need /v1?";

/** A 404 of OpenAI's dialect has an error object with a type or code; one of a web server has not. */
function hintOf(body: JsonValue, { status, type, code }: ErrorSigns): string {
  const isOwn = type !== null || code !== null || objectAt(body, "error") !== undefined;
  return status === 404 && !isOwn && stringAt(body, "error") === undefined ? PATH_HINT : "";
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
  "logprobs",
  "top_logprobs",
  "logit_bias",
  "parallel_tool_calls",
  "stop",
  "prediction",
  "prompt_cache_retention",
  "prompt_cache_options",
]);

/** Older models say it in words alone. */
const UNRECOGNIZED = /^Unrecognized request arguments? supplied: ([a-z_]+)/;

function findRefusedField(
  signs: {
    readonly code: string | null;
    readonly param: string | null;
    readonly text: string;
  },
  body: JsonValue,
): { readonly refusedField?: string; readonly isValueRefused?: boolean } {
  const said = REFUSAL_CODES.has(signs.code ?? "") ? signs.param : null;
  const field = said ?? UNRECOGNIZED.exec(signs.text)?.[1] ?? findExtraField(body) ?? "";
  // What OpenAI's reference does not name was sent in case that the server knows it.
  if (!OPTIONAL_FIELDS.has(field) && (isOpenaiField(field) || !isName(field))) return {};
  return { refusedField: field, isValueRefused: signs.code === "unsupported_value" };
}

/** Whether it is the name of a top-level field, and no path. */
function isName(field: string): boolean {
  return /^[A-Za-z_]\w*$/.test(field);
}

/** The field that a server built on FastAPI does not know: `{type: "extra_forbidden", loc: ["body", name]}`. */
function findExtraField(body: JsonValue): string | undefined {
  const sources = [body, valueAt(body, "message") ?? null, valueAt(body, "error") ?? null];
  const details = sources.flatMap((source) => arrayAt(source, "detail"));
  const extra = details.find((detail) => stringAt(detail, "type") === "extra_forbidden");
  const [place, name, ...inner] = arrayAt(extra, "loc");
  return place === "body" && inner.length === 0 && typeof name === "string" ? name : undefined;
}
