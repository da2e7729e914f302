/** `pirouter why`: how one request was decided and answered, from the ledger. */

import type { Command, OptionValues } from "commander";
import type { Lookup } from "../ledger/lookup.ts";
import type { CliCommand, CliContext, ExitCode } from "./command.ts";
import { findLedger } from "./ledger_path.ts";
import { tell } from "./tell.ts";

/** The command. */
export const WHY_COMMAND: CliCommand = {
  name: "why",
  summary: "explain how a request was decided and answered, from the ledger",
  configure(command: Command): void {
    command
      .argument("[request-id]", "its id, or the beginning of it; the newest request when absent")
      .option("--ledger <path>", "read this ledger, whatever the config says")
      .option("--json", "print JSON");
  },
  run,
};

/** What a body's `id` has in front of the request's. */
const BODY_PREFIX = "chatcmpl-";

/** The fewest characters of an id's beginning: fewer would soon be many requests'. */
const MIN_ID_CHARS = 6;

const WHERE_IDS_ARE = "the id is in the response header x-pirouter-request-id and, " +
  `after "${BODY_PREFIX}", in the body's id`;

async function run(options: OptionValues, context: CliContext): Promise<ExitCode> {
  const [given] = context.args;
  const id = given === undefined ? null : readId(given);
  if (id !== null && id.length < MIN_ID_CHARS) {
    tell(
      context,
      `"${given}" is too short: give at least ${MIN_ID_CHARS} characters of the request's id; ` +
        WHERE_IDS_ARE,
    );
    return 2;
  }
  const ledgerPath = await findLedger(options, context);
  if (ledgerPath === null) return 2;
  const { findRequest } = await import("../ledger/lookup.ts");
  const found = findRequest(ledgerPath, id);
  if (!found.ok) {
    tell(context, found.message);
    return 1;
  }
  return await report({ found: found.value, id, ledgerPath, options }, context);
}

function readId(given: string): string {
  const id = given.trim().toLowerCase();
  return id.startsWith(BODY_PREFIX) ? id.slice(BODY_PREFIX.length) : id;
}

interface Answer {
  readonly found: Lookup;
  readonly id: string | null;
  readonly ledgerPath: string;
  readonly options: OptionValues;
}

async function report(answer: Answer, context: CliContext): Promise<ExitCode> {
  const { found, id, ledgerPath } = answer;
  const { formatMatches, formatWhy, formatWhyJson } = await import("./why_report.ts");
  switch (found.type) {
    case "none":
      tell(context, describeNone(id, ledgerPath));
      return 1;
    case "several":
      context.err(formatMatches(id ?? "", found));
      return 1;
    case "request":
      context.out(
        answer.options["json"] === true
          ? formatWhyJson(found, ledgerPath)
          : formatWhy(found, context.hasColor),
      );
      return 0;
  }
}

function describeNone(id: string | null, ledgerPath: string): string {
  if (id === null) return `There is no request in the ledger "${ledgerPath}" yet`;
  return `No request in the ledger "${ledgerPath}" has the id "${id}": ${WHERE_IDS_ARE}; ` +
    "rows older than ledger.retention_days are deleted";
}
