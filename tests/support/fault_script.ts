/** Faults of an upstream, one script each: what attempts run into, in every dialect. */

import type { FaultKind } from "../../src/core/outcome.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import type { Exchange, HeaderList, Script } from "./upstream.ts";
import { errorBodyOf, STREAM_TYPES, streamEvents, wholeBody } from "./upstream_wire.ts";

/** A fault, and the kinds that it may be told as. */
export interface FaultScript {
  readonly name: string;
  readonly kinds: readonly FaultKind[];
  readonly script: Script;
  /** More lines of the provider's section, so that the fault shows soon. */
  readonly provider?: string;
}

/** What no client may ever see: the faulty upstreams' own words. */
export const FAULTY_TEXT = "words of a faulty upstream";

/** Answers with this status and an error of the dialect. */
export function failWith(status: number, headers: HeaderList = {}): Script {
  return (exchange) => exchange.sendWhole(status, errorBodyOf(exchange.kind, "sorry"), headers);
}

const PLAIN = { "content-type": "text/plain" } as const;

/** THE TABLE of faults before an answer. `silence` lasts until pirouter leaves. */
export const FAULT_SCRIPTS: readonly FaultScript[] = [
  {
    name: "a 500",
    kinds: ["server_error"],
    script: (exchange) => exchange.sendWhole(500, "Internal Server Error", PLAIN),
  },
  {
    name: "a 429 that asks for a minute",
    kinds: ["rate_limit"],
    script: (exchange) => exchange.sendWhole(429, {}, { "retry-after": "60" }),
  },
  {
    name: "a cut connection",
    kinds: ["connect"],
    script: (exchange) => Promise.resolve(exchange.cut()),
  },
  {
    name: "a reset connection",
    kinds: ["connect"],
    script: (exchange) => Promise.resolve(exchange.reset()),
  },
  { name: "a cut answer", kinds: ["truncated"], script: sendCutAnswer },
  {
    name: "silence",
    kinds: ["timeout"],
    script: async ({ clientLeft }) => void await clientLeft,
    provider: "first_token_timeout_secs = 0.03\nrequest_timeout_secs = 0.03",
  },
  {
    name: "garbage",
    kinds: ["malformed"],
    script: (exchange) => exchange.sendWhole(200, `{"${FAULTY_TEXT}`),
  },
  {
    name: "a web page",
    kinds: ["malformed"],
    script: (exchange) =>
      exchange.sendWhole(200, `<html>${FAULTY_TEXT}</html>`, { "content-type": "text/html" }),
  },
  {
    name: "an empty body",
    kinds: ["malformed", "empty", "truncated"],
    script: (exchange) => exchange.sendWhole(200, ""),
  },
  {
    name: "an error event",
    kinds: ["server_error", "overloaded"],
    script: sendErrorEvent,
  },
  {
    name: "gzip that is none",
    kinds: ["malformed", "truncated", "connect"],
    script: (exchange) =>
      exchange.sendWhole(200, `not gzip: ${FAULTY_TEXT}`, { "content-encoding": "gzip" }),
  },
  {
    name: "a slow start, then a cut",
    kinds: ["truncated"],
    script: async (exchange) => {
      await exchange.sendHead(200, headersOf(exchange));
      for (let count = 0; count < 3; count++) {
        await exchange.sendChunk(exchange.kind === "ollama" || !isStream(exchange) ? " " : ":\n\n");
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      exchange.cut();
    },
  },
  {
    name: "a content-length that is too long",
    kinds: ["truncated", "malformed"],
    script: async (exchange) => {
      const [start = ""] = partsOf(exchange);
      await exchange.sendHead(200, { ...headersOf(exchange), "content-length": "5000" });
      await exchange.sendRaw(start);
      exchange.cut();
    },
  },
];

function isStream(exchange: Exchange): boolean {
  return exchange.body["stream"] === true;
}

function headersOf(exchange: Exchange): HeaderList {
  return { "content-type": isStream(exchange) ? STREAM_TYPES[exchange.kind] : "application/json" };
}

/** The beginning of an answer, of which no part commits it, and its rest. */
function partsOf(exchange: Exchange): readonly [string, string] {
  const answer = { text: [FAULTY_TEXT] };
  if (!isStream(exchange)) {
    const body = JSON.stringify(wholeBody(exchange.kind, answer));
    return [body.slice(0, body.length / 2), body.slice(body.length / 2)];
  }
  const events = streamEvents(exchange.kind, answer).join("");
  const end = events.indexOf(FAULTY_TEXT);
  return [events.slice(0, end), events.slice(end)];
}

async function sendCutAnswer(exchange: Exchange): Promise<void> {
  await exchange.sendHead(200, headersOf(exchange));
  await exchange.sendChunk(partsOf(exchange)[0]);
  exchange.cut();
}

/** The error that each dialect sends within a stream, or with a 200. */
export const ERROR_EVENTS: Readonly<Record<ProviderKind, string>> = {
  openai: 'data: {"error":{"message":"broken","type":"server_error","code":"server_error"}}\n\n',
  anthropic: "event: error\n" +
    'data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
  ollama: '{"error":"llama runner process has terminated"}\n',
};

async function sendErrorEvent(exchange: Exchange): Promise<void> {
  const event = ERROR_EVENTS[exchange.kind];
  if (!isStream(exchange)) {
    return await exchange.sendWhole(200, event.slice(event.indexOf("{")).trim());
  }
  await exchange.sendStreamHead();
  await exchange.sendChunk(event);
  await exchange.endChunks();
}
