/** What a client that asks an unknown path is told to do instead. */

interface PathAdvice {
  readonly pattern: RegExp;
  readonly advice: string;
}

/** THE TABLE of paths that clients of other APIs ask for; the first that matches counts. */
const ADVICE: readonly PathAdvice[] = [
  {
    pattern: /^(?:\/v1)?\/responses\b/,
    advice: "The Responses API is not served: set the client to chat completions.",
  },
  {
    pattern: /^(?:\/v1)?\/messages\b/,
    advice: "Anthropic's API is not served: set the client to an OpenAI-compatible provider.",
  },
  {
    pattern: /^\/api\/(?:chat|generate|tags|show|embed|embeddings|ps|version)\b/,
    advice: "Ollama's own API is not served: set the client to an OpenAI-compatible provider.",
  },
  {
    pattern: /^\/v1\/(?:audio|images|moderations|assistants|threads|files|batches|realtime)\b/,
    advice: "This part of OpenAI's API is not served.",
  },
];

/** One or two sentences for a path that has no endpoint; "" when there is nothing to say. */
export function adviseOnPath(path: string, endpoints: readonly string[]): string {
  const known = ADVICE.find(({ pattern }) => pattern.test(path));
  if (known !== undefined) return known.advice;
  const paths = endpoints.map((endpoint) => endpoint.slice(endpoint.indexOf("/")));
  const meant = paths.find((candidate) => candidate === toVersionOne(path));
  if (meant === undefined) return "";
  return `Did you mean ${meant}? The client's base URL must end with /v1, once.`;
}

function toVersionOne(path: string): string {
  return `/v1${path.replace(/^(?:\/v1)+(?=\/)/, "").replace(/\/$/, "")}`;
}
