/** Optional fields that models have refused, so that not every request has to find out. */

/** Milliseconds that a refusal is remembered: it may have been due to another field of that request. */
const MEMORY_MS = 600_000;

/** What the models of one provider have refused lately. */
export class Refusals {
  /** By alias: the field, and the time of `performance.now()` until which it is left out. */
  readonly #fields = new Map<string, Map<string, number>>();

  /** The fields to leave out of a request now; the caller's own set. */
  fieldsOf(alias: string): Set<string> {
    const now = performance.now();
    const known = this.#fields.get(alias) ?? new Map<string, number>();
    return new Set([...known].flatMap(([field, until]) => until > now ? [field] : []));
  }

  /** Notes that the model refused the field. */
  note(alias: string, field: string): void {
    const known = this.#fields.get(alias) ?? new Map<string, number>();
    known.set(field, performance.now() + MEMORY_MS);
    this.#fields.set(alias, known);
  }
}
