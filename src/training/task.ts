/** What the tasks of training share at the command line. */

import { DEFAULT_FILES, readDataset, type Sample } from "./dataset.ts";

/** Tells a line on stderr. */
export function tell(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** What a command line names. */
export interface Arguments {
  readonly flags: ReadonlySet<string>;
  readonly files: readonly string[];
}

/** Parts known flags from files; ends the program with 2 at a flag that is not known. */
export function parseArguments(args: readonly string[], known: readonly string[]): Arguments {
  const [flags, files] = [true, false].map((isFlag) =>
    args.filter((arg) => arg.startsWith("-") === isFlag)
  );
  const unknown = flags?.find((flag) => !known.includes(flag));
  if (unknown !== undefined) {
    const choice = known.length > 0 ? `${known.join(" or ")} and files` : "files only";
    tell(`Cannot understand "${unknown}": this task takes ${choice}; leave it out`);
    Deno.exit(2);
  }
  return { flags: new Set(flags), files: files ?? [] };
}

/** Reads the named files, or those that are read by default; ends the program when it cannot. */
export async function readSamples(files: readonly string[]): Promise<readonly Sample[]> {
  const names = files.length > 0 ? files : DEFAULT_FILES;
  const dataset = await readDataset(names);
  if ("problem" in dataset) {
    tell(dataset.problem);
    Deno.exit(1);
  }
  tell(`${dataset.samples.length} labelled prompts from ${names.join(", ")}`);
  return dataset.samples;
}
