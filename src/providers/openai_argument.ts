/** The arguments of a streamed call, followed only as far as to know whether they are whole. */

const OPENING = "{[";
const CLOSING = "}]";
const BLANK = " \t\n\r";

/** Follows the text of an object from piece to piece; each character is looked at once. */
export class ArgumentTracker {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  /** Whether the object has ended; null: what stands before or after it makes it none. */
  #isClosed: boolean | null = false;

  /** Whether the text is one whole object. */
  get isWhole(): boolean {
    return this.#isClosed === true;
  }

  /** Whether the text is none, and the beginning of none. */
  get isOther(): boolean {
    return this.#isClosed === null;
  }

  /** Takes the next piece of the text. */
  add(piece: string): void {
    for (const char of piece) this.#take(char);
  }

  #take(char: string): void {
    if (this.#isInString) this.#takeOfString(char);
    else if (!BLANK.includes(char)) this.#takeOfObject(char);
  }

  #takeOfString(char: string): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (char === "\\") this.#isEscaped = true;
    else if (char === '"') this.#isInString = false;
  }

  #takeOfObject(char: string): void {
    if (this.#isClosed !== false || (this.#depth === 0 && char !== "{")) {
      this.#isClosed = null;
      return;
    }
    if (char === '"') this.#isInString = true;
    else if (OPENING.includes(char)) this.#depth += 1;
    else if (CLOSING.includes(char)) this.#depth -= 1;
    this.#isClosed = this.#depth === 0;
  }
}
