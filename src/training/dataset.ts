/** Labelled prompts: files of one JSON object a line. */

/** One prompt with the measured or judged quality of models' answers to it, each in 0..1. */
export interface Sample {
  readonly source: string;
  readonly family: string;
  readonly prompt: string;
  readonly weak: number;
  readonly strong: number;
  /** Only judged samples have it: measured ones know a weak and a strong group of models. */
  readonly mid: number | null;
}

/** The samples of some files, or why there are none. */
export type Dataset = { readonly samples: readonly Sample[] } | { readonly problem: string };

/** What is read when no file is named. */
export const DEFAULT_FILES: readonly string[] = [
  "../shared/routing/dev.jsonl",
  "../shared/routing/sufficiency.jsonl",
];

/** Reads the samples of all files in order. */
export async function readDataset(files: readonly string[]): Promise<Dataset> {
  const samples: Sample[] = [];
  for (const file of files) {
    const text = await readText(file);
    if (text === null) {
      return {
        problem: `Cannot read labelled prompts from "${file}"; name files of one JSON object ` +
          `{source, family, prompt, weak, strong} a line, such as: deno task train my.jsonl`,
      };
    }
    for (const [index, line] of text.split("\n").entries()) {
      if (line.trim() === "") continue;
      const sample = parseSample(line);
      if (sample === null) return { problem: describeBadLine(file, index + 1) };
      samples.push(sample);
    }
  }
  if (samples.length === 0) {
    return { problem: `There is no labelled prompt in ${files.join(", ")}` };
  }
  return { samples };
}

/** Nothing there, a folder, a file below a file, or one that is not the user's to read. */
const UNREADABLE = [
  Deno.errors.NotFound,
  Deno.errors.IsADirectory,
  Deno.errors.NotADirectory,
  Deno.errors.PermissionDenied,
];

async function readText(file: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (UNREADABLE.some((kind) => error instanceof kind)) return null;
    throw error;
  }
}

function describeBadLine(file: string, line: number): string {
  return `Cannot read "${file}" line ${line}: it needs the texts source, family and prompt and ` +
    "the numbers weak and strong from 0 to 1; correct or remove the line";
}

/** One line as a sample; null when it is none. */
export function parseSample(line: string): Sample | null {
  const value = parseJson(line);
  if (typeof value !== "object" || value === null) return null;
  const { source, family, prompt, weak, strong, mid } = value as Readonly<Record<string, unknown>>;
  if (typeof source !== "string" || typeof family !== "string" || typeof prompt !== "string") {
    return null;
  }
  if (!isShare(weak) || !isShare(strong)) return null;
  return { source, family, prompt, weak, strong, mid: isShare(mid) ? mid : null };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isShare(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 1;
}

/** Sources of what people really ask for; what a user pays is decided by them. */
const REQUEST_SOURCE = /^(everyday|agent)\d*$/;

/** The set that a sample is counted for: its family, but everyday chat and agents' turns apart. */
export function setOf({ source, family }: Sample): string {
  return REQUEST_SOURCE.exec(source)?.[1] ?? family;
}

/** Whether the sample is everyday chat or an agent's turn. */
export function isRequest({ source }: Sample): boolean {
  return REQUEST_SOURCE.test(source);
}

/** With fewer judged requests than this a calibration is guesswork. */
const LEAST_JUDGED = 200;

/**
 * Which samples a score is calibrated on: everyday chat and agents' turns where there are enough of
 * them, else all that have `mid`; null where those are too few as well.
 */
export function selectJudged(samples: readonly Sample[]): ((sample: Sample) => boolean) | null {
  return [isRequest, isJudged].find((isKept) => samples.filter(isKept).length >= LEAST_JUDGED) ??
    null;
}

function isJudged({ mid }: Sample): boolean {
  return mid !== null;
}

/** Says that too few samples are judged, and what to do. */
export function describeUnjudged(samples: readonly Sample[]): string {
  return `${samples.filter(isJudged).length} of ${samples.length} labelled prompts have "mid", ` +
    `and at least ${LEAST_JUDGED} are needed to say what a score means; name a file of judged ` +
    `prompts {source, family, prompt, weak, mid, strong} as well`;
}
