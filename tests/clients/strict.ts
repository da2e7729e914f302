/** What the strict upstreams recorded: nothing refused, nothing ignored, no key of a client. */

import type { Dialect, Result } from "./table.ts";

/** The key that clients are given; the upstreams' record shows the last four characters alone. */
export const CLIENT_KEY = "key-of-the-client-c1d7";
const CLIENT_KEY_SIGN = /key-of-the-client|…c1d7/;

const CLIENT = "strict upstream";
const SHOWN = 3;

/** Reads the records of all benches of a dialect. */
export async function judgeRecords(
  dialect: Dialect,
  folders: readonly string[],
): Promise<readonly Result[]> {
  const refused: string[] = [];
  const ignored: string[] = [];
  const leaks: string[] = [];
  for (const folder of folders) {
    const record = await Deno.readTextFile(`${folder}/requests.jsonl`);
    const ends = record.split("\n").filter((line) => line.startsWith('{"ev":"end"'))
      .map((line): RecordEnd => JSON.parse(line));
    refused.push(...ends.flatMap(({ violations }) => violations).map(placeIn(folder)));
    ignored.push(...ends.flatMap(({ warnings }) => warnings).map(placeIn(folder)));
    leaks.push(...await findLeaks(folder));
    if (ends.length === 0) {
      refused.push(placeIn(folder)("no request came at all"));
    }
  }
  const judge = (name: string, found: readonly string[]): Result => ({
    client: CLIENT,
    name,
    dialect,
    outcome: found.length === 0 ? "ok" : "FAILED",
    reason: describeFound(found),
  });
  return [
    judge("no request was refused", refused),
    judge("no field was ignored", ignored),
    judge("the client's key is nowhere", leaks),
  ];
}

interface RecordEnd {
  readonly violations: readonly string[];
  readonly warnings: readonly string[];
}

function placeIn(folder: string): (text: string) => string {
  return (text) => `${folder.split("/").at(-1)}: ${text}`;
}

function describeFound(found: readonly string[]): string {
  const different = [...new Set(found)];
  return found.length === 0
    ? ""
    : `${found.length} times; ${different.slice(0, SHOWN).join("; ")}${
      different.length > SHOWN ? `; and ${different.length - SHOWN} others` : ""
    }`;
}

/** Whether the client's key is in what the upstreams received, or in the ledger and its log. */
async function findLeaks(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (!/^(requests\.jsonl|ledger\.db.*)$/.test(name)) continue;
    if (CLIENT_KEY_SIGN.test(await Deno.readTextFile(`${folder}/${name}`))) {
      found.push(`it is in ${name} of ${folder.split("/").at(-1)}`);
    }
  }
  return found;
}
