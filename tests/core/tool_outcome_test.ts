import assert from "node:assert/strict";
import { judgeToolResult, type ToolOutcome } from "../../src/core/tool_outcome.ts";

const SOURCE = "export function parse(text: string) {\n  throw new Error('FAILED');\n}\n".repeat(
  30,
);

const CASES: readonly (readonly [ToolOutcome, string])[] = [
  // Failures
  ["failed", "Error: ENOENT: no such file or directory, open 'a.ts'"],
  ["failed", "error: could not find `Cargo.toml` in `/srv/shop`"],
  ["failed", "bash: line 1: foo: command not found"],
  ["failed", "/bin/sh: 1: deno: not found"],
  ["failed", "cat: a.txt: No such file or directory"],
  ["failed", "<tool_use_error>String to replace not found in file.</tool_use_error>"],
  ["failed", "The tool execution failed with the following error:\n<error>\nx\n</error>"],
  ["failed", "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'a'"],
  ["failed", 'running\nstep 1\nTraceback (most recent call last):\n  File "a.py"\nValueError: bad'],
  ["failed", "$ make\ncc -c a.c\nmake: *** [Makefile:3: a.o] Error 1"],
  ["failed", "Exit code 2\nsrc/a.ts: warning"],
  ["failed", "some output\n\nCommand exited with code 1"],
  ["failed", "out\n[exit 3]"],
  ["failed", "Process exited with code 137"],
  ["failed", "stdout: fine\nExit code: 1"],
  ["failed", "<exit_code>1</exit_code>\n<output>x</output>"],
  [
    "failed",
    "== FAILURES ==\nE  assert 1 == 2\n=========== 3 failed, 5 passed in 0.21s ===========",
  ],
  ["failed", "Tests:       3 failed, 5 passed, 8 total\nTime: 1 s"],
  ["failed", " Test Files  1 failed | 3 passed (4)\n      Tests  2 failed | 30 passed (32)"],
  ["failed", "  5 passing (10ms)\n  2 failing\n\n  1) adds"],
  ["failed", "test result: FAILED. 1 passed; 2 failed; 0 ignored"],
  ["failed", "FAILED | 79 passed | 4 failed (33ms)\n\nerror: Test failed"],
  ["failed", "Ran 3 tests in 0.01s\n\nFAILED (failures=2)"],
  ["failed", "12 examples, 2 failures"],
  ["failed", "--- FAIL: TestAdd (0.00s)\nFAIL\nFAIL\texample.com/a\t0.01s"],
  ["failed", "src/a.ts(1,7): error TS2322: Type 'string' is not assignable.\nFound 1 error."],
  ["failed", "✖ 3 problems (2 errors, 1 warning)"],
  ["failed", "BUILD FAILED in 3s"],
  ["failed", "npm ERR! code ELIFECYCLE\nnpm ERR! errno 1"],
  ["failed", "fatal: not a git repository (or any of the parent directories): .git"],
  ["failed", "Segmentation fault (core dumped)"],
  ["failed", "Command timed out after 120 seconds"],
  ["failed", '{"error": "not found"}'],
  ["failed", '{"error": {"message": "x"}}'],
  ["failed", '{"exit_code": 1, "stdout": "", "stderr": "ls: cannot access"}'],
  ["failed", '{"output":"3 failed","metadata":{"exit_code":1,"duration_seconds":0.1}}'],
  ["failed", '{"success": false}'],
  ["failed", '{"status": "error", "detail": "x"}'],
  ["failed", "thread 'main' panicked at src/main.rs:3:5"],
  ["failed", "Permission denied"],
  ["failed", "a.c:3:5: error: expected ';'\n    3 | int a\n      |      ^\n1 error generated."],
  ["failed", "2 errors generated."],
  ["failed", "a.c: In function 'f':\na.c:3:5: error: expected ';'\n   3 | int a\n     |      ^"],
  ["failed", "src/a.ts:1:7 - error TS2322: no\n\nFound 1 error in src/a.ts:1"],
  [
    "failed",
    "ℹ tests 3\nℹ pass 2\nℹ fail 1\nℹ cancelled 0\nℹ skipped 0\nℹ todo 0\nℹ duration_ms 9",
  ],
  ["failed", "[ERROR] Tests run: 12, Failures: 1, Errors: 0, Skipped: 0\n[INFO] BUILD FAILURE"],
  ["failed", "Tests run: 12, Failures: 1, Errors: 0"],
  ["failed", 'Exception in thread "main" java.lang.IllegalStateException\n\tat A.main(A.java:3)'],
  [
    "failed",
    "/srv/a.js:3\n  throw new Error('x');\n  ^\n\nError: x\n    at Object.<anonymous> " +
    "(/srv/a.js:3:9)\n    at Module._compile (node:internal:1:2)\n\nNode.js v22.4.0",
  ],
  ["failed", "Uncaught ReferenceError: x is not defined\n    at a.js:1:1"],
  ["failed", "# example.com/a\n./a.go:3:2: undefined: x"],
  [
    "failed",
    "Auto-merging a.ts\nCONFLICT (content): Merge conflict in a.ts\n" +
    "Automatic merge failed; fix conflicts and then commit the result.",
  ],
  ["failed", "curl: (7) Failed to connect to localhost port 8080"],
  ["failed", "apply_patch verification failed: Failed to find expected lines in a.ts"],
  ["failed", "No replacement was performed, old_str `a` did not appear verbatim in a.ts."],
  ["failed", "File has not been read yet. Read it first before writing to it."],
  ["failed", "Unknown tool: grep_files"],
  [
    "failed",
    `  5 passing (10ms)\n  1 failing\n\n  1) adds:\n     AssertionError: 1 == 2\n${
      "      at Context.<anonymous> (test/some/folder/with/a/long/name/a_test.js:10:12)\n".repeat(
        20,
      )
    }`,
  ],
  ["failed", '{"status":"failed","message":"no such job"}'],
  // Successes that say so
  ["passed", "ℹ tests 3\nℹ pass 3\nℹ fail 0\nℹ cancelled 0\nℹ skipped 0\nℹ duration_ms 9"],
  ["passed", "Tests run: 12, Failures: 0, Errors: 0, Skipped: 0"],
  ["passed", "[INFO] Tests run: 12, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 1.2 s"],
  ["passed", "[INFO] BUILD SUCCESS"],
  ["passed", "Success: no issues found in 3 source files"],
  ["passed", "12 passed, 1 warning in 0.21s"],
  ["passed", "  12 passed (3.4s)"],
  ["passed", "All checks passed!"],
  ["passed", "PASS"],
  ["passed", " Test Files  3 passed (3)\n      Tests  30 passed (30)\n   Duration  1.2s"],
  ["passed", "=========== 8 passed in 0.21s ==========="],
  ["passed", "Tests:       8 passed, 8 total"],
  ["passed", "test result: ok. 12 passed; 0 failed; 0 ignored"],
  ["passed", "ok | 163 passed | 0 failed (294ms)"],
  ["passed", "ok  \texample.com/a\t0.012s"],
  ["passed", "Ran 3 tests in 0.01s\n\nOK"],
  ["passed", "  12 passing (40ms)"],
  ["passed", "12 examples, 0 failures"],
  ["passed", "BUILD SUCCESSFUL in 3s"],
  ["passed", "All tests passed!"],
  ["passed", '{"output":"=== 5 passed in 1s ===","metadata":{"exit_code":0}}'],
  // All else, however much it speaks of errors
  ["plain", ""],
  ["plain", SOURCE],
  ["plain", `   1\tError: this is a log\n   2\tTraceback (most recent call last):\n${SOURCE}`],
  ["plain", "<file>\n00001| error: x\n</file>"],
  ["plain", "# Error handling: a guide\n\nErrors are values. Tests that failed are repeated."],
  ["plain", "Error handling guide\n\nfailed requests are retried"],
  ["plain", "src/errors.ts:12: throw new Error('failed')\nsrc/b.ts:3: // command not found"],
  ["plain", "total 8\n-rw-r--r-- 1 a a 12 error.log\n-rw-r--r-- 1 a a 12 failed.txt"],
  ["plain", "The file /srv/a.ts has been updated."],
  ["plain", "2026-01-01 ERROR database gone\n2026-01-01 INFO database back\nlines: 2"],
  ["plain", "Exit code: 0\nprinted: error: none"],
  ["plain", '{"error": null, "items": [1, 2]}'],
  ["plain", '{"errors_seen": 3}'],
  ["plain", "The test that failed yesterday is test_add; 3 failed before."],
  ["plain", "exit"],
  ["plain", "ok"],
  ["passed", "OK (12 tests, 30 assertions)"],
  ["plain", "set -e\ncd a || exit 1\nexit 1\n# done"],
  ["plain", "import os\n\ntry:\n    os.remove('x')\nexcept OSError:\n    pass"],
  ["plain", "class A(Exception):\n    pass"],
  ["plain", '#!/bin/sh\nset -e\nfor f in *; do\n  rm "$f" || pass\ndone\npassed'],
  ["plain", "case $1 in\n  ok) echo passed ;;\n  *) fail hard ;;\nesac"],
  ["plain", "0 errors in log"],
  ["plain", "ok  done in 3s"],
  ["plain", "grep:\n12 passed candidates"],
  ["plain", "tests passed to the function f()\nreturn"],
  ["plain", "compiled in the 19th century"],
  ["plain", "src/b.ts:9: error: string | null;"],
  ["plain", "a.ts: error handling code\nb.ts: parser"],
  ["plain", "[ERROR] 10:00 db gone\n[INFO] back"],
  ["plain", "### exit codes\nexit code 1: general errors\nexit code 2: misuse"],
  ["plain", '{"status":"failed_jobs_listed"}'],
  ["plain", '{"status":"failed","job":{"id":3}}'],
  ["plain", '{"error":"none"}'],
  ["plain", "Directory not found handling is in a.ts"],
  ["plain", "exception: none"],
  ["plain", "HTTP/1.1 404 Not Found\nstatus: 404\nbody: {}"],
];

for (const [outcome, text] of CASES) {
  Deno.test(`judgeToolResult() calls ${JSON.stringify(text.slice(0, 60))} ${outcome}`, () => {
    assert.equal(judgeToolResult(text), outcome);
  });
}

Deno.test("judgeToolResult() reads the ends of a huge result only", () => {
  const log = "INFO all is well\n".repeat(100_000);
  assert.equal(judgeToolResult(log), "plain");
  assert.equal(judgeToolResult(`${log}=== 3 failed in 2s ===`), "failed");
  assert.equal(judgeToolResult("error: ".repeat(200_000)), "failed");
});
