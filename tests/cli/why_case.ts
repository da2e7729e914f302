/** Runs `pirouter why` on a ledger that a daemon has open. */

import type { CliContext } from "../../src/cli/command.ts";
import { runCli } from "../../src/cli/mod.ts";
import type { LedgerEntry } from "../../src/ledger/ledger.ts";
import { openStore, withFolder } from "../ledger/samples.ts";

/** What a run left behind. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `pirouter why` with these arguments, in front of them those of pirouter itself. */
export async function why(
  args: readonly string[],
  change: { readonly hasColor?: boolean; readonly before?: readonly string[] } = {},
): Promise<Ran> {
  let out = "";
  let err = "";
  const context: CliContext = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    env: () => undefined,
    hasColor: change.hasColor ?? false,
    configOption: null,
    args: [],
  };
  const code = await runCli([...change.before ?? [], "why", ...args], context);
  return { code, out, err };
}

/** Runs a test with a ledger of these entries. */
export async function withLedger(
  entries: readonly LedgerEntry[],
  test: (path: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const path = `${folder}/ledger.db`;
    const store = openStore(path);
    store.insertEntries(entries);
    await test(path);
    store.close();
  });
}
