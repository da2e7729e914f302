/** The exchange of one request with its provider, within a slot of it. */

import type { Model } from "../core/catalog.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import type { Provider } from "../core/provider.ts";
import type { Adapter } from "../providers/adapter.ts";
import { ADAPTERS } from "../providers/mod.ts";
import { Watchdog } from "../providers/watchdog.ts";
import type { Deadline } from "./deadline.ts";
import type { Standing } from "./readiness.ts";
import type { ProviderLink, Snapshot } from "./snapshot.ts";

/** Whose slot is wanted, and for how long it is waited for. */
export interface SlotWish {
  readonly model: Model;
  readonly snapshot: Snapshot;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
  /** When a whole answer must be there, for the client's sake; null: whenever it comes. */
  readonly deadline: Deadline | null;
}

/** What an exchange is given with its slot. */
export interface SlotUse {
  readonly provider: Provider;
  readonly link: ProviderLink;
  readonly adapter: Adapter;
  readonly watchdog: Watchdog;
  /** How the model stood when the request got its slot. */
  readonly standing: Standing;
}

/** Why there was no slot. */
export type NoSlot =
  | { readonly type: "fault"; readonly fault: UpstreamFault }
  | { readonly type: "cancelled" };

/** What the exchange tells, once the model's provider has a slot for it. */
export async function* withSlot<Event>(
  { model, snapshot, signal, deadline }: SlotWish,
  exchange: (use: SlotUse) => AsyncGenerator<Event, void, void>,
): AsyncGenerator<Event | NoSlot, void, void> {
  const provider = snapshot.config.providers.get(model.provider);
  const link = snapshot.links.get(model.provider);
  if (provider === undefined || link === undefined) {
    throw new Error(`model "${model.alias}" has no provider "${model.provider}"`);
  }
  const slot = await link.slots.take(signal, deadline);
  if (slot.type === "cancelled") return yield slot;
  if (slot.type === "late") return yield { type: "fault", fault: { ...slot.fault, isOurs: true } };
  if (slot.type === "full") return yield { type: "fault", fault: queueFullFault(provider) };
  try {
    using watchdog = new Watchdog(signal);
    using standing = snapshot.readiness.enter(model);
    yield* exchange({ provider, link, adapter: ADAPTERS[provider.kind], watchdog, standing });
  } finally {
    slot.release();
  }
}

/** The fault of a request for which the provider has no slot, and no place to wait for one. */
function queueFullFault(provider: Provider): UpstreamFault {
  const message = `too many requests already wait for provider "${provider.id}" ` +
    `(max_concurrency = ${provider.maxConcurrency})`;
  return { kind: "rate_limit", status: null, message, isOurs: true };
}
