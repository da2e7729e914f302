/** Deadlines of tests over sockets: a test that waits for what never comes must fail, not hang. */

const TEST_LIMIT_MS = 15_000;
const WAIT_LIMIT_MS = 5_000;

/** What differs from most tests. */
export interface TestTiming {
  readonly limitMs?: number;
  /** Whether the system can't show what the test is about. */
  readonly ignore?: boolean;
}

/** Declares a test that fails when it takes longer than `limitMs` milliseconds. */
export function timedTest(
  name: string,
  body: () => Promise<void>,
  { limitMs = TEST_LIMIT_MS, ignore = false }: TestTiming = {},
): void {
  Deno.test({ name, ignore, fn: () => within(body(), "the test", limitMs) });
}

/** The promise's value, or a failure that names what did not come in time. */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  limitMs: number = WAIT_LIMIT_MS,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`${what} took longer than ${limitMs} ms`)),
    limitMs,
  );
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
