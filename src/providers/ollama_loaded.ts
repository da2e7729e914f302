/** Which models an Ollama server has loaded: https://docs.ollama.com/api/ps */

import { arrayAt, stringAt } from "../core/json.ts";
import { endpointRoot } from "../core/provider.ts";
import type { LoadedModelsQuery } from "./adapter.ts";
import { bearerHeaders } from "./bearer.ts";

/** Asks by `GET /api/ps`. */
export const loadedModels: LoadedModelsQuery = {
  encodeRequest: (provider) => ({
    url: `${endpointRoot(provider)}/ps`,
    headers: bearerHeaders(provider),
  }),
  hasModel: (body, model) =>
    arrayAt(body, "models").some((loaded) =>
      keyOf(stringAt(loaded, "model") ?? stringAt(loaded, "name") ?? "") === keyOf(model.modelId)
    ),
};

/** The name with its tag (one without means the tag `latest`), in lower case, which means the same. */
export function keyOf(name: string): string {
  const isTagged = name.slice(name.lastIndexOf("/") + 1).includes(":");
  return (isTagged ? name : `${name}:latest`).toLowerCase();
}
