/** Answers that may be worth nothing: whether they are depends on what server gave them. */

import type {
  SettledAnswer,
  SettledEvent,
  StreamEvent,
  UpstreamAnswer,
} from "../providers/adapter.ts";
import { getJson } from "../providers/transport.ts";
import type { Exchange } from "./exchange.ts";

/** Milliseconds for the server to say what it is: it may be busy with what it was asked before. */
const LIMIT_MS = 3_000;

/** The events, each doubt among them decided. */
export async function settleEvents(
  events: readonly StreamEvent[],
  x: Exchange,
): Promise<readonly SettledEvent[]> {
  const settled: SettledEvent[] = [];
  for (const event of events) {
    if (event.type !== "doubt") settled.push(event);
    else if (await isFounded(event, x)) settled.push({ type: "fault", fault: event.fault });
    else settled.push(...event.otherwise);
  }
  return settled;
}

/** The answer, its doubt decided. */
export async function settleAnswer(answer: UpstreamAnswer, x: Exchange): Promise<SettledAnswer> {
  if (answer.type !== "doubt") return answer;
  const { fault, otherwise, usage } = answer;
  if (!await isFounded(answer, x)) return otherwise;
  return { type: "fault", fault, ...(usage === undefined ? {} : { usage }) };
}

/** Asks the server what it is; where it does not say, the doubt must be likely by itself. */
async function isFounded(
  { isLikely }: { readonly isLikely: boolean },
  { adapter, provider, link, watchdog }: Exchange,
): Promise<boolean> {
  const query = adapter.doubtQuery;
  if (query === undefined) return true;
  const { client, identity } = link;
  const { signal } = watchdog;
  const body = await identity.get(() =>
    getJson(query.encodeRequest(provider), { client, signal, limitMs: LIMIT_MS })
  );
  return query.isFounded(body) ?? isLikely;
}
