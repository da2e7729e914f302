/** Which clients and dialects to run: `--only pi,openai --dialect ollama`. */

import { parseArgs } from "node:util";
import { CLIENT_IDS } from "./suite.ts";
import { type Dialect, DIALECTS } from "./table.ts";

/** What is run. */
export interface Selection {
  /** Ids of clients. */
  readonly clients: readonly string[];
  readonly dialects: readonly Dialect[];
}

const OPTIONS = { only: { type: "string" }, dialect: { type: "string" } } as const;
const USAGE = `Usage: deno task test:clients [--only ${CLIENT_IDS.slice(0, 2).join(",")},…] ` +
  `[--dialect ${DIALECTS.slice(0, 2).join(",")},…]`;

function readOptions(args: readonly string[]): { only?: string; dialect?: string } | string {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    if (error instanceof TypeError) return USAGE; // its code is ERR_PARSE_ARGS_…
    throw error;
  }
}

/** Reads the arguments; a text says what is wrong with them. */
export function readSelection(args: readonly string[]): Selection | string {
  const values = readOptions(args);
  if (typeof values === "string") return values;
  const clients = values.only?.split(",") ?? CLIENT_IDS;
  const names = values.dialect?.split(",") ?? DIALECTS;
  const unknown = clients.find((id) => !CLIENT_IDS.includes(id));
  if (unknown !== undefined) {
    return `There is no client "${unknown}": ${CLIENT_IDS.join(", ")}.`;
  }
  const dialects = DIALECTS.filter((dialect) => names.includes(dialect));
  if (dialects.length < names.length) {
    return `The dialects are ${DIALECTS.join(", ")}.`;
  }
  return { clients, dialects };
}
