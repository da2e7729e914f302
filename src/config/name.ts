/** The names that a config gives: aliases, provider ids, rule names. They become header values. */

import type { Issue } from "../core/issue.ts";
import { PASSAGE_ENDPOINTS } from "../core/passage.ts";
import { PROFILE_NAMES } from "../core/profile.ts";

const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const MAX_LENGTH = 128;

/** What an alias in front of a header's name would be taken for. */
export const HEADER_TARGET_PREFIX = "$header:";

/** The values of a request's `model` that are no aliases. */
export const RESERVED_ALIASES: readonly string[] = ["auto", ...PROFILE_NAMES];

/** What the ledger names as the rule of requests that no rule decides, besides `policy:<profile>`. */
const RESERVED_RULE_NAMES: readonly string[] = ["header", "model", ...PASSAGE_ENDPOINTS];
const POLICY_PREFIX = "policy:";

/** Checks that a name can be sent in a header: printable ASCII (RFC 9110, section 5.5). */
export function checkName(name: string, path: string): readonly Issue[] {
  if (name === "") return [{ path, message: "has an empty name", hint: "give it one" }];
  if (name.length > MAX_LENGTH) {
    const message = `has a name of more than ${MAX_LENGTH} characters`;
    return [{ path, message, hint: "choose a shorter one" }];
  }
  if (PRINTABLE.test(name)) return [];
  return [{
    path,
    message: "has a name that a header can't carry",
    hint: "use printable ASCII characters, without spaces at the ends",
  }];
}

/** Checks an alias: a name that a request's `model` does not already mean something else by. */
export function checkAlias(alias: string, path: string): readonly Issue[] {
  if (RESERVED_ALIASES.includes(alias)) {
    return [{
      path,
      message: "has a reserved name",
      hint: `"${alias}" in a request's model asks for routing; choose another alias`,
    }];
  }
  if (alias.startsWith("$")) {
    return [{ path, message: 'has a name that begins with "$"', hint: "choose another alias" }];
  }
  return checkName(alias, path);
}

/** Checks a rule's name: none that the ledger has for requests that no rule decides. */
export function checkRuleName(name: string, path: string): readonly Issue[] {
  if (!RESERVED_RULE_NAMES.includes(name) && !name.startsWith(POLICY_PREFIX)) {
    return checkName(name, path);
  }
  return [{
    path,
    message: `is ${JSON.stringify(name)}, a reserved name`,
    hint: "the ledger uses it for requests that no rule decides; choose another name",
  }];
}
