/** The header of a provider's API key: https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */

import type { Provider } from "../core/provider.ts";

/** `Authorization: Bearer …`, its name in lower case; nothing for a provider without a key. */
export function bearerHeaders(
  { apiKey }: Pick<Provider, "apiKey">,
): Readonly<Record<string, string>> {
  return apiKey === null ? {} : { "authorization": `Bearer ${apiKey.reveal()}` };
}
