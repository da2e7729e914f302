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
  if (isReasoningRefused(signs, body)) return { refusedField: "reasoning_content" };
  const field = said ?? UNRECOGNIZED.exec(signs.text)?.[1] ?? findExtraField(body) ?? "";
  // What OpenAI's reference does not name was sent in case that the server knows it.
  if (!OPTIONAL_FIELDS.has(field) && (isOpenaiField(field) || !isName(field))) return {};
  return { refusedField: field, isValueRefused: signs.code === "unsupported_value" };
}

/** Words of servers that do not take a field, as different from those that miss it. */
const NOT_TAKEN =
  /unsupported|not supported|not (?:permitted|allowed)|unknown|unexpected|extra|unrecogni[sz]ed/i;
const REASONING_NAME = /\breasoning_(?:content|details)\b/;

/** Whether a server refuses the reasoning of earlier turns, which it may have given itself. */
function isReasoningRefused(
  { text, param }: { readonly text: string; readonly param: string | null },
  body: JsonValue,
): boolean {
  const named = [text, param ?? "", ...listExtras(body).map((path) => path.join("."))].join(" ");
  const isExtra = listExtras(body).some((path) => REASONING_NAME.test(path.join(".")));
  return isExtra || (REASONING_NAME.test(named) && NOT_TAKEN.test(text));
}

/** Whether it is the name of a top-level field, and no path. */
function isName(field: string): boolean {
  return /^[A-Za-z_]\w*$/.test(field);
}

/** The field that a server built on FastAPI does not know: `{type: "extra_forbidden", loc: ["body", name]}`. */
function findExtraField(body: JsonValue): string | undefined {
  const [path = []] = listExtras(body);
  const [place, name, ...inner] = path;
  return place === "body" && inner.length === 0 ? name : undefined;
}

/** The paths of all that such a server does not know. */
function listExtras(body: JsonValue): readonly (readonly string[])[] {
  const sources = [body, valueAt(body, "message") ?? null, valueAt(body, "error") ?? null];
  return sources.flatMap((source) => arrayAt(source, "detail"))
    .filter((detail) => stringAt(detail, "type") === "extra_forbidden")
    .map((detail) => arrayAt(detail, "loc").map(String));
}
