/** Names as programs get them: those of the ledger's columns. */

/** The record with `snake_case` keys instead of `camelCase` ones. */
export function withSnakeKeys(record: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [
      key.replace(/[A-Z]/g, (letter) => "_" + letter.toLowerCase()),
      value,
    ]),
  );
}
