/** Which models an Ollama server has, and what they can do. */

import { arrayAt, type JsonValue, numberAt, objectAt, stringAt, valueAt } from "../core/json.ts";
import { endpointRoot, type Provider } from "../core/provider.ts";
import type { ModelListQuery, ServedModel } from "./adapter.ts";
import { bearerHeaders } from "./bearer.ts";
import { keyOf } from "./ollama_loaded.ts";

/** Asks by `GET /api/tags` and, model by model, `POST /api/show`. */
export const modelList: ModelListQuery = {
  encodeList: (provider) => ({
    url: `${endpointRoot(provider)}/tags`,
    headers: bearerHeaders(provider),
  }),
  readList,
  encodeShow: (provider, name) => ({
    url: `${endpointRoot(provider)}/show`,
    headers: { ...bearerHeaders(provider), "content-type": "application/json" },
    body: JSON.stringify({ "model": name }),
  }),
  readShown,
  keyOf,
  adviseMissing: (modelId) => `get it with: ollama pull ${modelId}`,
};

/** https://docs.ollama.com/api/tags */
function readList(body: JsonValue): ReturnType<ModelListQuery["readList"]> {
  if (!Array.isArray(valueAt(body, "models"))) return null;
  return arrayAt(body, "models").flatMap((model) => {
    const name = stringAt(model, "model") ?? stringAt(model, "name") ?? "";
    return name === "" ? [] : [{ name, version: stringAt(model, "digest") ?? "" }];
  });
}

/** https://docs.ollama.com/api/show */
function readShown(
  body: JsonValue,
  { name, provider }: { readonly name: string; readonly provider: Provider },
): ServedModel {
  const info = objectAt(body, "model_info");
  const architecture = stringAt(info, "general.architecture") ?? "";
  const capabilities = arrayAt(body, "capabilities");
  return {
    name,
    contextWindow: positive(numberAt(info, `${architecture}.context_length`)),
    supportsTools: capabilities.includes("tools"),
    supportsVision: capabilities.includes("vision"),
    isEmbedding: capabilities.length === 0
      ? EMBEDDING_FAMILY.test(architecture) // a server that is older than capabilities
      : capabilities.includes("embedding") && !capabilities.includes("completion"),
    parameterCount: positive(numberAt(info, "general.parameter_count")) ??
      readSize(stringAt(objectAt(body, "details"), "parameter_size") ?? ""),
    isHosted: (stringAt(body, "remote_host") ?? "") !== "" || isCloud(provider),
  };
}

/** Ollama's cloud has the same API, and its models are listed like others: https://docs.ollama.com/cloud */
function isCloud({ baseUrl }: Provider): boolean {
  return /(?:^|\.)ollama\.com$/.test(new URL(baseUrl).hostname);
}

function positive(value: number | undefined): number | null {
  return value !== undefined && value > 0 ? value : null;
}

const EMBEDDING_FAMILY = /bert/;

const SIZE_FACTORS: ReadonlyMap<string, number> = new Map([
  ["K", 1e3],
  ["M", 1e6],
  ["B", 1e9],
  ["T", 1e12],
]);

/** "8.0B", "137M" */
function readSize(text: string): number | null {
  const [, count, unit] = /^(\d+(?:\.\d+)?)([KMBT])$/i.exec(text.trim()) ?? [];
  const factor = SIZE_FACTORS.get(unit?.toUpperCase() ?? "");
  return factor === undefined ? null : positive(Number(count) * factor);
}
