/** The clients of a chaos run. */

import type { JsonObject } from "../../src/core/json.ts";
import type { ClientPlan } from "./chaos_plan.ts";
import type { TestDaemon } from "./daemon.ts";
import { type Got, isStreamed, readGot } from "./got.ts";

/** What a client got before it had everything, or left. */
export interface ChaosGot {
  /** Null: it left before the head, or within a body that is no stream. */
  readonly got: Got | null;
  readonly hasLeft: boolean;
}

/** Sends the request of this plan and reads, pauses or leaves as it says. */
export async function playClient(daemon: TestDaemon, plan: ClientPlan): Promise<ChaosGot> {
  const leaving = new AbortController();
  const timer = plan.leaveMs === null ? null : setTimeout(() => leaving.abort(), plan.leaveMs);
  try {
    const response = await daemon.chat(bodyOf(plan), {
      signal: leaving.signal,
      headers: { "x-lane": String(plan.lane) },
    });
    return await readResponse(response, { plan, left: leaving.signal });
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
    return { got: null, hasLeft: true };
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
}

const TOOL: JsonObject = {
  "type": "function",
  "function": { "name": "find", "parameters": { "type": "object", "properties": {} } },
};

function bodyOf(plan: ClientPlan): JsonObject {
  return {
    "model": plan.name,
    "messages": [{ "role": "user", "content": plan.prompt }],
    "stream": plan.isStreamed,
    ...(plan.hasTools ? { "tools": [TOOL] } : {}),
  };
}

async function readResponse(
  response: Response,
  { plan, left }: { readonly plan: ClientPlan; readonly left: AbortSignal },
): Promise<ChaosGot> {
  const decoder = new TextDecoder();
  let raw = "";
  let hasLeft = false;
  let pauseMs = plan.pauseMs;
  try {
    for await (const bytes of response.body ?? []) {
      raw += decoder.decode(bytes, { stream: true });
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      pauseMs = 0;
    }
  } catch (error) {
    if (!left.aborted) throw error;
    hasLeft = true;
  }
  return { got: hasLeft && !isStreamed(response) ? null : readGot(response, raw), hasLeft };
}
