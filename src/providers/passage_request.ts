/** Requests for OpenAI's other endpoints, at a server of any dialect that has them. */

import type { JsonObject } from "../core/json.ts";
import type { Model } from "../core/catalog.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import { type PassageRequest, PASSAGES } from "../core/passage.ts";
import type { PassageHosts } from "../core/passage_target.ts";
import type { Provider } from "../core/provider.ts";
import { bearerHeaders } from "./bearer.ts";
import { ADAPTERS } from "./mod.ts";
import { faultOfError } from "./openai_error.ts";
import { removeRedirects } from "./openai_field.ts";

/** One request that is passed to a provider. */
export interface PassageCall {
  readonly request: PassageRequest;
  readonly model: Model;
  readonly provider: Provider;
  /** Fields that the server has refused: the optional ones among them are not sent. */
  readonly refusedFields: ReadonlySet<string>;
}

/** A request as it is sent. */
export interface EncodedPassage {
  readonly url: string;
  /** Lower-case names; the API key is among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
  /** Paths of what the client sent and the server is not. */
  readonly dropped: readonly string[];
}

/** A vendor that has these endpoints for some of its own models, and for no others. */
interface Vendor {
  /** The names of those models. */
  readonly names: RegExp;
  /** Whether its chat models have completions, too. */
  readonly hasCompletions: boolean;
}

/** THE TABLE of such vendors, by host. */
const VENDORS: ReadonlyMap<string, Vendor> = new Map([
  // https://platform.openai.com/docs/models
  ["api.openai.com", {
    names: /^(?:text-embedding-|gpt-3\.5-turbo-instruct|davinci-|babbage-)/,
    hasCompletions: false,
  }],
]);

function vendorOf({ baseUrl }: Provider): Vendor | undefined {
  return VENDORS.get(new URL(baseUrl).hostname);
}

/** What is known of the hosts of these endpoints. */
export const PASSAGE_HOSTS: PassageHosts = {
  hasEndpoints: ({ kind }) => ADAPTERS[kind].openaiRoot !== undefined,
  hasCompletions: (provider) => vendorOf(provider)?.hasCompletions ?? true,
  isHomeOf(provider, name) {
    const isVendors = ({ names }: Vendor) => names.test(name);
    const vendor = vendorOf(provider);
    return vendor === undefined ? ![...VENDORS.values()].some(isVendors) : isVendors(vendor);
  },
};

/** The fault that a body with status 200 tells of. */
export function decodePassageError(body: JsonObject): UpstreamFault {
  return faultOfError(body, null);
}

/** The client's own body with the provider's name of the model; streams are asked for their usage. */
export function encodePassage(call: PassageCall): EncodedPassage {
  const { request, model, provider, refusedFields } = call;
  const root = ADAPTERS[provider.kind].openaiRoot?.(provider);
  if (root === undefined) throw new Error(`${provider.kind} has no OpenAI endpoints`);
  const safe = removeRedirects(request.body);
  const body = { ...safe.value, "model": model.modelId, ...streamOptions(call) };
  const { optionalFields } = PASSAGES[request.endpoint];
  const unsent = refusedFields.intersection(optionalFields);
  return {
    url: `${root}/${request.endpoint}`,
    headers: {
      "content-type": "application/json",
      "accept": request.isStreamed ? "text/event-stream" : "application/json",
      ...bearerHeaders(provider),
    },
    body: Object.fromEntries(
      Object.entries(body).filter(([key, value]) => value !== undefined && !unsent.has(key)),
    ),
    dropped: [
      ...safe.dropped,
      ...[...unsent].filter((field) => Object.hasOwn(request.body, field)),
    ],
  };
}

/** The ledger needs the usage of a stream; servers refuse the option without one. */
function streamOptions({ request, provider }: PassageCall): JsonObject {
  if (!request.isStreamed || provider.compat.streamUsage === false) return {};
  const own = request.body["stream_options"];
  const options = typeof own === "object" && own !== null ? own : {};
  return { "stream_options": { ...options, "include_usage": true } };
}
