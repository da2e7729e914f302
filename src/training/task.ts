/** What the tasks of training share at the command line. */

import { DEFAULT_FILES, readDataset, type Sample } from "./dataset.ts";

/** Tells a line on stderr. */
export function tell(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
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
