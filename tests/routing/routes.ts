/** The routes along which the transcript is played. */

import type { Transcript } from "../support/transcript.ts";
import {
  type Played,
  playTranscript,
  type Route,
  WORLD_ALIASES,
} from "../support/transcript_run.ts";
import { type RouteSummary, summarize } from "./summary.ts";

/** A route with its name. */
export interface NamedRoute extends Route {
  readonly name: string;
  /** Whether one model answers everything. */
  readonly isSingle: boolean;
}

const CLOUD_ALIASES = WORLD_ALIASES.filter((alias) => alias !== "local");

/** Routed by pirouter. */
export const AUTO_ROUTES = {
  balanced: { name: "auto: balanced", model: "auto", aliases: WORLD_ALIASES, isSingle: false },
  localFirst: {
    name: "auto: local-first",
    model: "local-first",
    aliases: WORLD_ALIASES,
    isSingle: false,
  },
  cloud: {
    name: "auto: balanced, no local",
    model: "auto",
    aliases: CLOUD_ALIASES,
    isSingle: false,
  },
} as const satisfies Readonly<Record<string, NamedRoute>>;

/** The model that one would take for everything: what the others are compared with. */
export const ALWAYS_STRONG: NamedRoute = singleRoute("sonnet");

/** All routes, in the order of the table. */
export const ROUTES: readonly NamedRoute[] = [
  ...Object.values(AUTO_ROUTES),
  ...WORLD_ALIASES.map(singleRoute),
];

function singleRoute(alias: Route["aliases"][number]): NamedRoute {
  return { name: `always ${alias}`, model: alias, aliases: WORLD_ALIASES, isSingle: true };
}

/** A route that was played, and what it comes to. */
export interface RouteResult {
  readonly route: NamedRoute;
  readonly played: Played;
  readonly summary: RouteSummary;
}

/** Plays one route. */
export async function playRoute(transcript: Transcript, route: NamedRoute): Promise<RouteResult> {
  const played = await playTranscript(transcript, route);
  return { route, played, summary: summarize(played) };
}

/** The cheapest route with one model that is never below what the judged difficulty needs; null: there is none. */
export function findBestSingle(results: readonly RouteResult[]): RouteResult | null {
  return findCheapest(results.filter(({ summary }) => summary.belowJudged === 0));
}

/** The cheapest route with one model; null: there is none. */
export function findCheapest(results: readonly RouteResult[]): RouteResult | null {
  return results.filter(({ route }) => route.isSingle)
    .toSorted((a, b) => a.summary.costUsd - b.summary.costUsd)[0] ?? null;
}
