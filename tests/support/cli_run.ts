/** Runs of the command line within the test's own process. */

import type { CliContext } from "../../src/cli/command.ts";
import { runCli } from "../../src/cli/mod.ts";

/** What a run left behind. */
export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What may differ from a run without variables, colours, config and arguments. */
export type CliSetting = Partial<Omit<CliContext, "out" | "err">>;

/** Runs pirouter with these arguments. */
export function run(args: readonly string[], setting: CliSetting = {}): Promise<CliRun> {
  return runWith((context) => runCli(args, context), setting);
}

/** Runs something with a context that keeps what is written to it. */
export async function runWith(
  command: (context: CliContext) => number | Promise<number>,
  setting: CliSetting = {},
): Promise<CliRun> {
  let out = "";
  let err = "";
  const code = await command({
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    env: () => undefined,
    hasColor: false,
    configOption: null,
    args: [],
    ...setting,
  });
  return { code, out, err };
}
