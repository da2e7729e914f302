/** The demo's client: sends a request as any OpenAI client does, and prints what comes back. */

import { arrayAt, isJsonObject, type JsonValue, objectAt, stringAt } from "../core/json.ts";
import type { DemoRequest } from "../demo/script.ts";
import { parseJson } from "../wire/json.ts";
import { createSseReader, SSE_DONE } from "../wire/sse.ts";

/** Where to send, and where to print. */
export interface DemoClientOptions {
  readonly baseUrl: string;
  readonly out: (text: string) => void;
}

/** Sends one request and prints the decision and the answer as they arrive; returns its request id. */
export async function sendDemoRequest(
  request: DemoRequest,
  { baseUrl, out }: DemoClientOptions,
): Promise<string> {
  const startedAt = performance.now();
  const response = await fetch(`${baseUrl}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...request.headers },
    body: JSON.stringify(request.body),
  });
  const { headers } = response;
  out(
    `  decision  rule ${headers.get("x-pirouter-rule")}, answered by ` +
      `${headers.get("x-pirouter-model")}, attempts ${headers.get("x-pirouter-attempts")}\n`,
  );
  const isStream = headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  if (isStream) await printStream(response, { out, startedAt });
  else out(`  answer    ${describeAnswer(readJson(await response.text()))}\n`);
  return headers.get("x-pirouter-request-id") ?? "";
}

function readJson(text: string): JsonValue {
  const json = parseJson(text, { maxDepth: 64 });
  return json.ok ? json.value : null;
}

function describeAnswer(body: JsonValue): string {
  const error = stringAt(objectAt(body, "error"), "message");
  if (error !== undefined) return `error: ${error}`;
  const [choice] = arrayAt(body, "choices");
  const message = objectAt(choice, "message");
  const calls = arrayAt(message, "tool_calls").map((call) => {
    const called = objectAt(call, "function");
    return `${stringAt(called, "name")}(${stringAt(called, "arguments")})`;
  });
  return [stringAt(message, "content") ?? "", ...calls.map((call) => `calls ${call}`)]
    .filter((part) => part !== "").join(" ");
}

async function printStream(
  response: Response,
  to: { readonly out: (text: string) => void; readonly startedAt: number },
): Promise<void> {
  const reader = createSseReader({ maxFrameChars: 1_000_000 });
  to.out("  stream   ");
  for await (const bytes of response.body ?? []) {
    for (const { data } of reader.push(bytes)) {
      if (data !== SSE_DONE) to.out(describeChunk(readJson(data), to.startedAt));
    }
  }
  to.out("\n");
}

function describeChunk(chunk: JsonValue, startedAt: number): string {
  const [choice] = arrayAt(chunk, "choices");
  const text = isJsonObject(choice) ? stringAt(objectAt(choice, "delta"), "content") ?? "" : "";
  if (text === "") return "";
  return ` [${Math.round(performance.now() - startedAt)} ms] ${text.trim()}`;
}
