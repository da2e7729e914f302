/** I6: what the process holds, before and after. */

import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Descriptors and memory at one moment. */
export interface Baseline {
  /** Open file descriptors; null where the system doesn't tell (no `/proc`). */
  readonly descriptorCount: number | null;
  /** Memory that is in use once the garbage is collected, in MB: the resident size lags far behind. */
  readonly heldMb: number;
}

/** How much more there may be afterwards. */
export interface Growth {
  readonly label: string;
  /** Null: they are not looked at. */
  readonly descriptors: number | null;
  readonly heldMb: number;
}

const BYTES_PER_MB = 1_048_576;

/** What the process holds now. */
export async function takeBaseline(): Promise<Baseline> {
  const descriptorCount = await countDescriptors();
  collectGarbage();
  const { heapUsed, external } = Deno.memoryUsage();
  return { descriptorCount, heldMb: (heapUsed + external) / BYTES_PER_MB };
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("the garbage can't be collected");
  collect();
}

async function countDescriptors(): Promise<number | null> {
  let count = 0;
  try {
    for await (const _ of Deno.readDir("/proc/self/fd")) count++;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  return count;
}

/** Waits up to 2 s for descriptors and memory to come back to the baseline, but for some growth. */
export async function assertBack(before: Baseline, growth: Growth): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    const problem = describeGrowth(before, { after: await takeBaseline(), growth });
    if (problem === null) return;
    if (performance.now() - startedAt > 2_000) assert.fail(`${growth.label}: ${problem}`);
    // No event tells that a descriptor is closed or memory free: it is looked at again and again.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function describeGrowth(
  before: Baseline,
  { after, growth }: { readonly after: Baseline; readonly growth: Growth },
): string | null {
  const descriptors = (after.descriptorCount ?? 0) - (before.descriptorCount ?? 0);
  if (descriptors > (growth.descriptors ?? Infinity)) {
    return `${descriptors} more descriptors than before`;
  }
  const heldMb = after.heldMb - before.heldMb;
  return heldMb > growth.heldMb ? `${Math.round(heldMb)} MB more than before` : null;
}
