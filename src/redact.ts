/** Keeps secrets out of everything that is shown, logged or stored. */

const MASK = "[redacted]";

/** A value that prints as a mask; only `reveal()` gives it, at the one place that sends it. */
export class Secret {
  readonly #value: string;

  /** Wraps a secret value. */
  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for a request header alone. */
  reveal(): string {
    return this.#value;
  }

  /** The mask. */
  toString(): string {
    return MASK;
  }

  /** The mask. */
  toJSON(): string {
    return MASK;
  }
}

/** Removes secrets from a text. */
export type Redact = (text: string) => string;

/** Builds a function that replaces every one of these secrets by a mask, longest first. */
export function createRedact(secrets: Iterable<Secret>): Redact {
  const values = [...secrets].map((secret) => secret.reveal()).filter((value) => value.length >= 4)
    .sort((a, b) => b.length - a.length);
  return (text) => values.reduce((result, value) => result.replaceAll(value, MASK), text);
}

/** Control characters, line and paragraph separators, and what changes the direction of text. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** One line that a terminal can show: control and direction-changing characters are escaped. */
export function escapeLine(text: string): string {
  return text.replace(
    CONTROL,
    (char) => "\\u" + char.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}
