/** Work whose time must grow with its size, and not with the square of it. */

import assert from "node:assert/strict";

const GROWTH = 4;
/** Linear work takes 4 times as long, quadratic work 16 times. */
const MAX_RATIO = 9;
const TRIES = 5;

/** Fails when work of 4 times the size takes more than 9 times as long; the best of 5 tries counts. */
export function assertLinear(size: number, work: (size: number) => void): void {
  work(size); // the first run compiles
  const small = fastestMs(() => work(size));
  const large = fastestMs(() => work(size * GROWTH));
  const ratio = large / small;
  assert.ok(ratio < MAX_RATIO, `${GROWTH} times the size took ${ratio.toFixed(1)} times as long`);
}

function fastestMs(work: () => void): number {
  const times = Array.from({ length: TRIES }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...times);
}
