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

/** Reads the arguments; a text says what is wrong with them. */
export function readSelection(args: readonly string[]): Selection | string {
  const options = {
    only: { type: "string" },
    dialect: { type: "string" },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
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
