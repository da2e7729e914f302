/** THE TABLES of what tools print when they fail and when tests or builds pass. */

/** Files with line numbers, and listings in tags: whatever they say, reading them went well. */
export const FILE_TEXT = /^\s*(?:\d+\s*(?:\t|→|│|\|)|<(?:file|path|content|document)\b)/;

/** Nothing went wrong: "error: none". */
const NOTHING = String.raw`(?!\s*(?:none|null|nil|false|no|0|n\/a|undefined)\s*(?:$|[\n,;}]))`;

/** What a failing tool says first. Words are not enough: a colon, a code or a shell's name is. */
const FAILED_START = [
  String
    .raw`(?:fatal|(?:un)?caught|unhandled|internal)?[ _]?(?:error|exception|failure|panic)(?:\[E\d+\])?(?: (?:executing|running|in|while|from|reading|writing|calling|code|occurred|during|at|invoking|processing|fetching|parsing)\b[\w ]{0,40})?[:!](?!:)${NOTHING}`,
  String.raw`(?:(?:fatal|E|ERR!):|npm (?:ERR!|error)) ?\S`,
  String
    .raw`(?:uncaught (?:\(in promise\) )?)?[\w.]{0,60}(?:Error|Exception)(?: \[\w+\])?: ${NOTHING}`,
  String.raw`Exception in thread "`,
  String.raw`Traceback \(most recent call last\)`,
  String.raw`thread '[^'\n]{1,80}' (?:\(\d+\) )?panicked`,
  String.raw`panic: `,
  String.raw`<(?:tool_use_error|error)>`,
  // A log that somebody reads has other lines as well.
  String.raw`\[ERROR\](?![^]*\n\W*\[?(?:INFO|DEBUG|WARN(?:ING)?|TRACE)\b)`,
  String
    .raw`(?:the )?(?:tool|command|process|operation|request|edit|patch|build|test run)(?: execution)? (?:has )?(?:failed|timed out|was (?:rejected|denied|killed))\b`,
  String.raw`(?:the )?user (?:denied|rejected|doesn['’]t want)`,
  String.raw`apply_patch verification failed`,
  String.raw`no replacement was performed`,
  String.raw`file has not been read yet`,
  String.raw`unknown tool(?:[:.'"\x60]| ['"\x60]|$|\n)`,
  String.raw`curl: \(\d+\) `,
  String.raw`failed to \w+`,
  String
    .raw`(?:could not|cannot|can['’]t|unable to) (?:find|open|read|write|access|stat|apply|connect|resolve|parse|locate|execute|create|load)\b`,
  String
    .raw`(?:file|directory|path|module|string to replace|old_string|match|pattern|symbol)(?: to replace)? (?:was )?not found(?=\s*(?:$|[:.,!;(\n]|(?:in|at|on|within)\b))`,
  String.raw`(?:permission|access) denied(?=\s*(?:$|[:.,!;(\n]))`,
  String.raw`no such file or directory`,
  String.raw`invalid (?:arguments?|parameters?|input|tool|json|path)\b`,
  String.raw`(?:InputValidationError|ENOENT|EACCES|EPERM|ECONNREFUSED|ETIMEDOUT)\b`,
  String
    .raw`[\w/]{0,30}sh: (?:.{0,120}: )?(?:command not found|not found|No such file|Permission denied|syntax error)`,
  String
    .raw`[\w./-]{1,60}: (?:command not found|No such file or directory|Permission denied|(?:fatal )?error: |fatal: )`,
  String.raw`[\w-]{1,40}: (?:cannot |not found\b)`,
  String.raw`usage: \S+ .{0,200}\n[^]{0,600}\berror: `,
];

/** A failure that says so at the beginning. */
export const FAILED_STARTS: readonly RegExp[] = [
  new RegExp(`^\\W{0,3}(?:${FAILED_START.map((start) => `(?:${start})`).join("|")})`, "i"),
  // go build, go vet
  /^# [\w./-]{1,200}(?: \[[^\]\n]{1,200}\])?\n(?:vet: )?\S{1,200}\.go:\d+:\d+: /,
];

/** Maven's and sbt's level before a line. */
const LEVEL = String.raw`(?:\[(?:INFO|ERROR|WARNING|error|info)\]\s{1,4})?`;

/** What failing runners and compilers say among the last lines; no ordinary text says it so. */
export const FAILED_SUMMARIES: readonly RegExp[] = lines("i", [
  // pytest, jest, vitest, mocha, cargo, deno, unittest, rspec, phpunit, dotnet, minitest, TAP
  String.raw`=+ .{0,120}\b[1-9]\d* (?:failed|errors?)\b.{0,120}=+`,
  String.raw`[1-9]\d* (?:tests? )?(?:failed|failing|failures?)(?:[,;)]| \(.{0,120}|$).{0,120}`,
  String
    .raw`(?:tests?|test suites?|test files?):?\s{1,8}(?:\d+ \w+,? ?\|? ?){0,3}[1-9]\d* failed\b.{0,120}`,
  String
    .raw`\d+ (?:examples?|runs?|tests?|specs?|scenarios?), (?:\d+ assertions?, )?(?:\d+ \w+, )?[1-9]\d* (?:failures?|errors?|failed)\b.{0,120}`,
  String.raw`Tests: ?\d+, .{0,80}(?:Failures|Errors): ?[1-9].{0,80}`,
  String.raw`[#ℹ] fail [1-9]\d*`,
  // compilers, linters, builds
  String
    .raw`(?:Found )?(?:[1-9]\d* warnings? and )?[1-9]\d* errors?(?: generated| found| in \d+ files?.{0,80})?\.?`,
  String.raw`Found [1-9]\d* errors? in (?:\S{1,200}:\d+|the same file.{0,200})`,
  String.raw`(?:✖|✗|×|❌) ?[1-9]\d* (?:problems?|errors?|failed|failures?).{0,120}`,
  String.raw`\S{1,200}\(\d+,\d+\): error TS\d+: .{0,400}`,
  String.raw`\S{1,200}:\d+:\d+: (?:fatal )?error: .{0,400}`,
  String.raw`make(?:\[\d+\])?: \*\*\* .{0,200}`,
  String.raw`npm (?:ERR!|error) .{0,200}`,
  String.raw`error: could not compile .{0,200}`,
  String.raw`Segmentation fault.{0,60}|.{0,80}\(core dumped\)`,
]).concat(lines("", [
  String.raw`test result: FAILED.{0,160}`,
  String.raw`FAILED(?: \||\s?\().{0,160}`,
  String.raw`FAIL(?:\s.{0,200})?`,
  String.raw`--- FAIL: .{0,200}`,
  String.raw`Failed! .{0,200}`,
  String.raw`FAILED [\w./:\[\]-]{1,200}(?: - .{0,300})?`,
  String.raw`${LEVEL}Tests run: ?\d+,.{0,80}(?:Failures|Errors): ?[1-9].{0,160}`,
  String.raw`${LEVEL}BUILD (?:FAILED|FAILURE).{0,100}`,
  String.raw`Automatic merge failed; fix conflicts .{0,80}`,
]));

/** What failing compilers and scripts say last: only the last line of all counts. */
export const FAILED_ENDS: readonly RegExp[] = lines("i", [
  String.raw`(?:[\w+-]{1,40}: )?(?:fatal )?error(?: TS\d+|\[E\d+\])?: .{0,400}`,
  String.raw`\S{1,200}\(\d+,\d+\): error .{0,400}`,
  String.raw`(?:ninja|cargo|gradle|error): .{0,40}(?:stopped|failed|could not compile).{0,200}`,
  String.raw`[A-Za-z_][\w.]{0,80}(?:Error|Exception)(?:: .{0,400})?`,
  String
    .raw`(?:.{0,200}: )?(?:command not found|No such file or directory|Permission denied)(?:: .{0,200})?`,
  String.raw`Killed|Aborted.{0,60}`,
  String.raw`(?:command|process|operation|test|request) timed out.{0,160}`,
]);

/** What test runners and builds say among the last lines when all is well: a count and its unit. */
export const PASSED_SUMMARIES: readonly RegExp[] = lines("i", [
  String.raw`=+ .{0,120}\b\d+ passed\b.{0,120}=+`,
  String.raw`(?:✓ |✔ )?(?:all )?[1-9]\d* (?:tests?|specs?|checks?) (?:have )?passed[.!]?`,
  String.raw`(?:✓ |✔ )?all (?:tests?|specs?|checks?) (?:have )?passed[.!]?`,
  String.raw`[1-9]\d* passed(?:, \d+ \w+){0,4} (?:in [\d.]+ ?m?s\b.{0,40}|\([\d.]+ ?m?s\))`,
  String.raw`[1-9]\d* passing \([\d.]+ ?\w{1,3}\)`,
  String
    .raw`(?:tests?|test suites?|test files?):?\s{1,8}(?:\d+ \w+,? ?\|? ?){0,2}\d+ passed(?:, \d+ total| \(\d+\)).{0,80}`,
  String.raw`\d+ (?:examples?|runs?|tests?|specs?), (?:\d+ assertions?, )?0 failures(?:, .{0,80})?`,
]).concat(lines("", [
  String.raw`test result: ok\..{0,160}`,
  String.raw`ok \| \d+ passed.{0,160}`,
  String.raw`ok\s+[\w.~-]{1,80}(?:\/[\w.~-]{1,80}){0,12}\s+(?:\d+\.\d+s|\(cached\)).{0,40}`,
  // An "OK" alone may be anything's: unittest says before it what it ran.
  String.raw`Ran [1-9]\d* tests? in [\d.]+ ?m?s`,
  String.raw`OK \(\d+ tests?.{0,80}\)`,
  String.raw`Passed! {1,4}- .{0,200}`,
  String.raw`[#ℹ] fail 0`,
  String
    .raw`${LEVEL}Tests run: ?[1-9]\d*, Failures: 0(?:, Errors: 0)?(?:, Skipped: \d+)?(?:, Time.{0,120})?`,
  String.raw`${LEVEL}BUILD SUCCESS(?:FUL)?(?: in .{0,80})?`,
  String.raw`Found 0 errors\..{0,60}|0 errors, \d+ warnings?.{0,60}`,
  String.raw`Success: no issues found in \d+ source files?`,
  String.raw`✓ built in [\d.]+ ?m?s|(?:webpack .{0,20})?[Cc]ompiled successfully(?: in .{0,40})?`,
]));

/** Go says so in the last line of all. */
export const PASSED_ENDS: readonly RegExp[] = [/^PASS(?:ED)?$/];

/** A line of a stack: what stands above it is the last line that says something. */
export const STACK_FRAME = /^(?:at |File "|… \d+ more|\.\.\. \d+ more)/;

/** What Node prints below the stack of an uncaught error. */
export const NODE_VERSION = /^Node\.js v\d+\.\d+\.\d+$/;

/** The number with which a command ended, where the result says it; docs say what it means. */
export const EXIT_CODE =
  /(?:^|\n)[^\S\n]{0,8}[\[(<*]{0,2}(?:(?:the )?(?:command|process|script|shell) )?(?:(?:failed|exited|finished|ended|completed) (?:with )?(?:an? )?(?:(?:exit|return|status)[ _]?)?(?:code|status)|(?:exit|return)[ _]?(?:code|status)|(?<=[\[(])exit)(?: of| was)?[*>\])]{0,2}[:=> ]{1,3}(-?\d{1,5})\b(?![ \t]{0,4}(?:[:=|–—]|- |means\b|is\b|for\b|when\b|if\b))/i;

/** Each source as a whole line. */
function lines(flags: string, sources: readonly string[]): readonly RegExp[] {
  return [new RegExp(`^(?:${sources.map((source) => `(?:${source})`).join("|")})$`, flags)];
}
