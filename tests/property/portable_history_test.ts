import assert from "node:assert/strict";
import type { ChatMessage, ChatRequest } from "../../src/core/chat.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { parseChatRequest } from "../../src/core/request.ts";
import type { UpstreamRequest } from "../../src/providers/adapter.ts";
import { encodeFor, type Target, TARGETS } from "../support/portable_target.ts";
import { sampleRequests } from "../support/random_request.ts";
import { BodyText, countCalls, listSaid, type Said } from "../support/said.ts";
import { reportFirst } from "../support/shrink.ts";
import { findPrefixFault, listCuts } from "../support/wire_prefix.ts";

const HISTORY_COUNT = 2000;

/** Why a request may be refused: the rest must be sendable to every model. */
const ALLOWED_REFUSALS: readonly RegExp[] = [
  /one answer a request/,
  /content part of type "input_audio"/,
  /images as base64 data alone/,
];

function checked(body: JsonObject): ChatRequest {
  const result = parseChatRequest(body);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

/** The complaints of one target about one request. */
type Complain = (request: ChatRequest, target: Target) => readonly string[];

function ifSent(
  { type, ...rest }: UpstreamRequest,
  complain: (
    sent: { readonly body: JsonObject; readonly dropped: readonly string[] },
  ) => readonly string[],
): readonly string[] {
  return "body" in rest && type === "request" ? complain(rest) : [];
}

const COMPLAINTS: Readonly<Record<string, Complain>> = {
  "is what the vendor accepts, or refused for a reason": (request, target) => {
    const encoded = encodeFor(target, request);
    if (encoded.type === "request") return target.findFaults(encoded.body);
    const { kind, message } = encoded.fault;
    const isAllowed = kind === "unsupported" &&
      ALLOWED_REFUSALS.some((reason) => reason.test(message));
    return isAllowed ? [] : [`refused: ${kind} ${message}`];
  },

  "is what the vendor accepts when it gave all the answers itself": (request, target) =>
    ifSent(encodeFor(target, request, "full"), ({ body }) => target.findFaults(body)),

  "is the same each time": (request, target) => {
    const [first, second] = [
      encodeFor(target, request),
      encodeFor(target, structuredClone(request)),
    ];
    return JSON.stringify(first) === JSON.stringify(second) ? [] : ["two encodings differ"];
  },

  "says all that the conversation said": (request, target) =>
    ifSent(encodeFor(target, request), ({ body, dropped }) => {
      const text = new BodyText(body);
      const lost = request.messages.flatMap(listSaid).filter((said) =>
        !text.has(said) && !isNamed(said, dropped)
      );
      const calls = countCalls({ "messages": request.messages });
      return [
        ...lost.map((said) => `lost: ${JSON.stringify(said)}`),
        ...(countCalls(body) < calls ? [`${countCalls(body)} of ${calls} calls`] : []),
      ];
    }),

  "keeps what it made of the conversation's start": (request, target) =>
    findChangedStarts(request, target, "empty"),

  "keeps what it made of the conversation's start when it gave all the answers": (
    request,
    target,
  ) => findChangedStarts(request, target, "full"),
};

function findChangedStarts(
  request: ChatRequest,
  target: Target,
  vault: "empty" | "full",
): readonly string[] {
  const cuts = listCuts(request.messages);
  if (cuts.length === 0) return [];
  const whole = encodeFor(target, request, vault);
  const hasTools = (request.tools?.length ?? 0) > 0;
  return cuts.flatMap((cut) => {
    const beginning = { ...request, "messages": request.messages.slice(0, cut) };
    const start = encodeFor(target, beginning, vault);
    if (start.type !== "request" || whole.type !== "request") return [];
    const fault = findPrefixFault(start.body, whole.body, { hasTools });
    return fault === null ? [] : [`cut at ${cut}: ${fault}`];
  });
}

function isNamed(said: Said, dropped: readonly string[]): boolean {
  return said.what === "refusal" && dropped.includes("messages.refusal");
}

const REQUESTS = sampleRequests(HISTORY_COUNT).map(checked);

for (const target of TARGETS) {
  for (const [what, complain] of Object.entries(COMPLAINTS)) {
    Deno.test(`any conversation in the dialect of ${target.name} ${what}`, () => {
      const report = reportFirst(REQUESTS, (request) => complain(request, target));
      assert.equal(report, null);
    });
  }
}

Deno.test("the random conversations hold what makes histories hard", () => {
  const messages: readonly ChatMessage[] = REQUESTS.flatMap((request) => request.messages);
  const text = JSON.stringify(REQUESTS);
  for (const role of ["system", "developer", "user", "assistant", "tool", "function"]) {
    assert.ok(messages.filter((message) => message.role === role).length > 100, role);
  }
  for (const sign of ["call_0", "functions.get:", "data:image/webp", '"prefix":true', "fs.read"]) {
    assert.ok(text.split(sign).length > 50, sign);
  }
});
