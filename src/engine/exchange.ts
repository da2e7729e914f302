/** What the parts of an attempt share: the exchange with the upstream, and what it tells. */

import type { ChatAnswer, ChatChunk } from "../core/chat.ts";
import { cleanFault } from "../core/fault_text.ts";
import type { AttemptOutcome, UpstreamFault } from "../core/outcome.ts";
import type { Provider } from "../core/provider.ts";
import type { Adapter, AnswerContext } from "../providers/adapter.ts";
import { timeoutFault, type Watchdog } from "../providers/watchdog.ts";
import type { Redact } from "../redact.ts";
import { type Deadline, leftMsOf } from "./deadline.ts";
import type { Pace } from "./pace.ts";
import type { Standing } from "./readiness.ts";
import type { ProviderLink } from "./snapshot.ts";
import type { AttemptTrace } from "./trace.ts";
import type { Vault } from "./vault.ts";

/** What an attempt tells while it runs. After `done`, `fault` or `cancelled` nothing follows. */
export type AttemptEvent =
  /** The upstream was asked; these fields of the request its dialect has no word for. */
  | { readonly type: "sent"; readonly dropped: readonly string[] }
  | { readonly type: "chunks"; readonly chunks: readonly ChatChunk[] }
  | { readonly type: "answer"; readonly answer: ChatAnswer }
  | { readonly type: "done" }
  | { readonly type: "fault"; readonly fault: UpstreamFault }
  | { readonly type: "cancelled" };

/** One attempt's exchange with its upstream. */
export interface Exchange {
  readonly adapter: Adapter;
  readonly provider: Provider;
  readonly link: ProviderLink;
  readonly context: AnswerContext;
  readonly watchdog: Watchdog;
  readonly trace: AttemptTrace;
  readonly pace: Pace;
  /** How the model stood when the request got its slot. */
  readonly standing: Standing;
  readonly vault: Vault;
  readonly inputTokens: number;
}

/** The outcome of an attempt that broke off, with no secret in its message; null for other events. */
export function brokenOutcome(event: AttemptEvent, redact: Redact): AttemptOutcome | null {
  if (event.type === "cancelled") return event;
  if (event.type !== "fault") return null;
  return { type: "fault", fault: cleanFault(event.fault, redact) };
}

/** The key of the config that says how long a whole answer may take. */
const ANSWER_KEY = "request_timeout_secs";

/** The time limits of a whole answer: the provider's own, and the client's. */
export function limitAnswer(
  { provider, watchdog }: Pick<Exchange, "provider" | "watchdog">,
  deadline: Deadline | null,
): void {
  const { requestTimeoutMs } = provider;
  const leftMs = leftMsOf(deadline);
  if (deadline !== null && leftMs < requestTimeoutMs) watchdog.limit(leftMs, deadline.fault);
  else watchdog.limit(requestTimeoutMs, timeoutFault("answer", requestTimeoutMs, ANSWER_KEY));
}
