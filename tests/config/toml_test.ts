import assert from "node:assert/strict";
import { BASE, configOf, problemsOf } from "./sample.ts";

const CASES: Readonly<Record<string, readonly [text: string, line: string]>> = {
  "a key that is set twice": [
    '[server]\nbind = "a:1"\n  bind = "b:2"\n',
    "config.toml:3:3: key bind is set twice; keep one of them",
  ],
  "a quoted key that is set twice": [
    '[server]\nbind = "a:1"\n"bind" = "b:2"\n',
    'config.toml:3:1: key "bind" is set twice; keep one of them',
  ],
  "a key that is set twice in an inline table": [
    "a = { b = 1, b = 2 }",
    "config.toml:1:14: key b is set twice; keep one of them",
  ],
  "a table that is defined twice": [
    '[models.x]\nprovider = "a"\n[models.x]\n',
    "config.toml:3:2: table [models.x] is already defined; keep one of them, with the keys of both",
  ],
  "a table that is an array elsewhere": [
    "rules = 1\n[[rules]]\n",
    "config.toml:2:3: table [[rules]] is already defined; keep one of them, with the keys of both",
  ],
  "a string without an end": [
    '[server]\nbind = "127',
    'config.toml:2:8: not valid TOML, a string has no end: bind = "127; add the closing quote',
  ],
  "a number that is too large": [
    "a = 99999999999999999999",
    "config.toml:1:5: not valid TOML, integer value cannot be represented losslessly: a = [redacted]; " +
    "fix the line and run check-config again",
  ],
  "text that is not TOML": [
    "server:\n  bind: x",
    "config.toml:1:7: not valid TOML, illegal character in key: server:; " +
    "fix the line and run check-config again",
  ],
};

for (const [name, [text, line]] of Object.entries(CASES)) {
  Deno.test(`parseToml() tells ${name} with line and column`, async () => {
    assert.deepEqual(await problemsOf(text), [line]);
  });
}

Deno.test("parseToml() hides what could be a key in a broken line", async () => {
  for (const line of ["api_key = sk-hunter2", 'API_KEY = "hunter2', "x = hunter2hunter2hunter2"]) {
    const [problem] = await problemsOf(line);
    assert.match(problem ?? "", /^config\.toml:1:\d+: not valid TOML, .*\[redacted\]/);
    assert.doesNotMatch(problem ?? "", /hunter2/);
  }
});

Deno.test("parseToml() reads Windows line ends and a byte order mark", async () => {
  const config = await configOf("\ufeff" + BASE.replaceAll("\n", "\r\n"));
  assert.deepEqual([...config.catalog.keys()], ["local"]);
});

Deno.test("parseToml() refuses nesting that no config needs", async () => {
  const [problem] = await problemsOf("a = " + "[".repeat(5_000));
  assert.match(problem ?? "", /^config\.toml:1:\d+: not valid TOML, .*nested/);
});
