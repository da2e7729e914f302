/** Tests that stand for a row of the table of faults. */

import type { FaultRowName } from "../fault/rows.ts";
import { type TestTiming, timedTest } from "./deadline.ts";

/** One of them. */
export interface RowTest extends TestTiming {
  readonly name: string;
  readonly body: () => Promise<void>;
}

/** Declares a test of this row, which fails when it takes longer than `limitMs` milliseconds. */
export function rowTest(row: FaultRowName, { name, body, ...timing }: RowTest): void {
  timedTest(`[${row}] ${name}`, body, timing);
}
