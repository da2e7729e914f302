/** Tests that stand for a row of the table of faults. */

import type { FaultRowName } from "../fault/rows.ts";
import { timedTest } from "./deadline.ts";

/** Declares a test of this row, which fails when it takes longer than `limitMs` milliseconds. */
export function rowTest(
  row: FaultRowName,
  test: {
    readonly name: string;
    readonly body: () => Promise<void>;
    readonly limitMs?: number;
  },
): void {
  timedTest(`[${row}] ${test.name}`, test.body, test.limitMs);
}
