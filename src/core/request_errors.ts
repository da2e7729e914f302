/** What a client is told when there is no answer: an HTTP status and OpenAI's error object. */

import type { Issue } from "./issue.ts";
import { nearestName } from "./issue.ts";
import type { JsonObject } from "./json.ts";
import type { PassageEndpoint } from "./passage.ts";
import { adviseOnPath } from "./path_advice.ts";
import { escapeLine } from "../redact.ts";

/** An error for a client. Fields and their meaning: https://platform.openai.com/docs/guides/error-codes. */
export interface RouterError {
  /** The HTTP status. */
  readonly status: number;
  /** The class of the error, such as `invalid_request_error`. */
  readonly type: string;
  /** The error itself, such as `model_not_found`. */
  readonly code: string | null;
  /** The field of the request that is at fault, such as `messages[1].content`. */
  readonly param: string | null;
  /** What is wrong and the next step, for a person. */
  readonly message: string;
  /** Milliseconds to wait before the next request; sent as `Retry-After`. */
  readonly retryAfterMs?: number;
  /** False: the same request can't succeed; sent as `x-should-retry: false`, which SDKs obey. */
  readonly shouldRetry?: boolean;
  /** The methods that the path has; sent as `Allow`. */
  readonly allow?: readonly string[];
}

/** The body of an error response, and the data of an error event in a stream. */
export function errorBody(error: RouterError): JsonObject {
  const { message, type, param, code } = error;
  return { "error": { message, type, param, code } };
}

/** What a client can do about the same request: nothing. */
const INVALID = { type: "invalid_request_error", param: null, shouldRetry: false } as const;

/** THE TABLE of errors that pirouter itself answers with; those of upstreams are in `errors.ts`. */
export const ROUTER_ERRORS = {
  /** The body is not JSON: `reason` is a predicate of the body. */
  invalidJson: (reason: string, param: string | null = null): RouterError => ({
    ...INVALID,
    status: 400,
    code: "invalid_json",
    param,
    message: `The request's body ${reason}. Send one JSON object, encoded as UTF-8.`,
  }),
  /** A field is wrong: the first issue is told. */
  invalidRequest: (issue: Issue): RouterError => ({
    ...INVALID,
    status: 400,
    code: "invalid_value",
    param: issue.path === "" ? null : issue.path,
    message: `Invalid request: ${describeIssue(issue)}.`,
  }),
  /** The body is longer than the limit, in bytes. */
  bodyTooLarge: (limitBytes: number): RouterError => ({
    ...INVALID,
    status: 413,
    code: "request_too_large",
    message: `The request's body is larger than ${describeBytes(limitBytes)}. Send less, ` +
      "or raise max_body_mb in the [server] section of the config.",
  }),
  /** The body is compressed or is not declared as JSON. */
  unsupportedMediaType: (what: string): RouterError => ({
    ...INVALID,
    status: 415,
    code: "unsupported_media_type",
    message: `${escapeLine(what)} is not supported. Send an uncompressed body with ` +
      "content-type: application/json.",
  }),
  /** The body did not arrive in time. */
  bodyTimeout: (limitMs: number): RouterError => ({
    ...INVALID,
    status: 408,
    code: "body_timeout",
    message: `The request's body did not arrive within ${limitMs} ms.`,
  }),
  /** Nothing is at this path; `endpoints` are written as `POST /v1/embeddings`. */
  notFound: (path: string, endpoints: readonly string[]): RouterError => ({
    ...INVALID,
    status: 404,
    code: "not_found",
    message: `Unknown path ${escapeLine(path.slice(0, SHOWN_NAME_CHARS))}. ` +
      [adviseOnPath(path, endpoints), `The endpoints are ${endpoints.join(", ")}.`]
        .filter((sentence) => sentence !== "").join(" "),
  }),
  /** The path has other methods. */
  methodNotAllowed: (path: string, allow: readonly string[]): RouterError => ({
    ...INVALID,
    status: 405,
    code: "method_not_allowed",
    message: `${escapeLine(path)} takes ${allow.join(" or ")} only.`,
    allow,
  }),
  /** `model` is no alias, and the config refuses such names. */
  unknownModel: (name: string, aliases: Iterable<string>): RouterError => ({
    ...INVALID,
    status: 404,
    code: "model_not_found",
    param: "model",
    message: `The model ${quote(name)} does not exist. ${suggest(name, aliases)}`,
  }),
  /** The header names an alias that does not exist. */
  unknownAlias: (header: string, name: string, aliases: Iterable<string>): RouterError => ({
    ...INVALID,
    status: 400,
    code: "unknown_alias",
    param: header,
    message: `The header ${header} names ${quote(name)}, which is no model alias. ` +
      suggest(name, aliases),
  }),
  /** The model that a chat request names gives embeddings. */
  notForChat: (alias: string, chatAliases: readonly string[]): RouterError => ({
    ...INVALID,
    status: 400,
    code: "wrong_model_type",
    param: "model",
    message: `The model ${quote(alias)} is an embeddings model: it takes no chat requests. ` +
      `Send it to POST /v1/embeddings, or name a chat model: ` +
      `${["auto", ...chatAliases].join(", ")}.`,
  }),
  /** The model that is named does not do what the endpoint is for. */
  wrongType: (alias: string, of: EndpointFacts): RouterError => ({
    ...INVALID,
    status: 400,
    code: "wrong_model_type",
    param: "model",
    message: of.endpoint === "embeddings"
      ? `The model ${quote(alias)} is a chat model: it gives no embeddings. ${listAble(of)}`
      : `The model ${quote(alias)} is an embeddings model: it takes no completions. ` +
        listAble(of),
  }),
  /** The provider of the model that is named has no such endpoint. */
  noEndpoint: (
    alias: string,
    of: EndpointFacts & { readonly provider: string },
  ): RouterError => ({
    ...INVALID,
    status: 400,
    code: "unsupported_endpoint",
    param: "model",
    message: `The model ${quote(alias)} can't be asked for ${of.endpoint}: its provider ` +
      `${quote(of.provider)} has no such endpoint. ${listAble(of)}`,
  }),
  /** Nothing in the config answers the endpoint's requests; one reason a model. */
  noPassage: (endpoint: PassageEndpoint, reasons: readonly string[]): RouterError => ({
    ...INVALID,
    status: 400,
    code: "no_candidate",
    message: `No configured model can be asked for ${endpoint}` +
      `${reasons.length === 0 ? "" : `: ${reasons.join("; ")}`}. ${NEXT_STEPS[endpoint]}`,
  }),
  /** No model can take the request; one reason a model. */
  noCandidate: (reasons: readonly string[]): RouterError => ({
    ...INVALID,
    status: 400,
    code: "no_candidate",
    message: `No configured model can take this request: ${listReasons(reasons)}.`,
  }),
  /** `Host` is a name that this daemon doesn't have: the mark of DNS rebinding. */
  forbiddenHost: (host: string): RouterError => ({
    ...INVALID,
    status: 403,
    code: "forbidden_host",
    message: `Requests for the host ${quote(host)} are refused. ` +
      "If the name is right, add it to allowed_hosts in the [server] section of the config.",
  }),
  /** A web page of another origin. */
  forbiddenOrigin: (origin: string): RouterError => ({
    ...INVALID,
    status: 403,
    code: "forbidden_origin",
    message: `Requests from web pages of ${quote(origin)} are refused. ` +
      "If you trust it, add it to allowed_origins in the [server] section of the config.",
  }),
  /** The daemon ends before the answer does. Worded so that clients repeat the request. */
  stopping: (): RouterError => ({
    status: 503,
    type: "server_error",
    code: "router_stopping",
    param: null,
    message: "pirouter is stopping: service unavailable (server_error); please retry your request.",
  }),
  /** A defect of pirouter. */
  internal: (requestId: string): RouterError => ({
    status: 500,
    type: "server_error",
    code: "internal_error",
    param: null,
    message: `pirouter failed to handle this request (server_error, request ${requestId}). ` +
      "Its log says more.",
  }),
} as const;

/** An endpoint, and the aliases of the models that answer it. */
interface EndpointFacts {
  readonly endpoint: PassageEndpoint;
  readonly known: readonly string[];
}

/** What makes an endpoint answer. */
const NEXT_STEPS: Readonly<Record<PassageEndpoint, string>> = {
  embeddings: 'Add a section [models.<alias>] with type = "embeddings" to the config, ' +
    "at a provider of kind openai or ollama.",
  completions: "Add a model at a server that has /v1/completions to the config, such as Ollama.",
};

function listAble({ endpoint, known }: EndpointFacts): string {
  return known.length === 0 ? NEXT_STEPS[endpoint] : `Models that can: ${known.join(", ")}.`;
}

const MEBIBYTE = 1_048_576;

function describeBytes(bytes: number): string {
  return bytes % MEBIBYTE === 0 ? `${bytes / MEBIBYTE} MB` : `${bytes} bytes`;
}

function describeIssue(issue: Issue): string {
  const subject = issue.path === "" ? "the body" : escapeLine(issue.path);
  return `${subject} ${issue.message}${issue.hint === undefined ? "" : `; ${issue.hint}`}`;
}

/** The most characters of a name that came from outside. */
const SHOWN_NAME_CHARS = 100;

function quote(name: string): string {
  const line = escapeLine(name.slice(0, SHOWN_NAME_CHARS));
  return `"${line}${name.length > SHOWN_NAME_CHARS ? "…" : ""}"`;
}

function suggest(name: string, aliases: Iterable<string>): string {
  const known = [...aliases];
  if (known.length === 0) return "No model is configured.";
  const near = nearestName(name.slice(0, SHOWN_NAME_CHARS), known);
  const hint = near === undefined ? "" : `Did you mean "${near}"? `;
  return `${hint}Known aliases: ${known.join(", ")}.`;
}

function listReasons(reasons: readonly string[]): string {
  return reasons.length === 0 ? "none is configured and enabled" : reasons.join("; ");
}
