/** Plays the transcript along all routes and prints the table: `deno task transcript`. */

import { parseArgs } from "node:util";
import { readTranscript } from "../support/transcript.ts";
import { playRoute, type RouteResult, ROUTES } from "./routes.ts";
import { formatRoutes, formatTurns, toJson } from "./table.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean" }, turns: { type: "boolean" } },
});

const transcript = await readTranscript();
const results: RouteResult[] = [];
for (const route of ROUTES) results.push(await playRoute(transcript, route));

await Deno.stdout.write(new TextEncoder().encode(format()));

function format(): string {
  if (values.json === true) return `${JSON.stringify(toJson(results), null, 2)}\n`;
  const routed = results.filter(({ route }) => !route.isSingle);
  const turns = values.turns === true ? routed.map(formatTurns).join("\n") + "\n" : "";
  return turns + formatRoutes(results);
}
