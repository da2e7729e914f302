/**
 * THE TABLES of what clients wrap around an ask. They hold names and opening words only; how a
 * text is taken apart by them is in `ask_text.ts`. A new client is a few more entries here.
 */

/**
 * What a tag means for the ask. `ask`: nothing but what stands in it is asked. `inside`: the tag
 * goes, its text stays. `wrapping`: both go. `attachment`: a file, shortened beyond a few lines.
 */
export type TagUse = "ask" | "inside" | "wrapping" | "attachment";

const TAG_NAMES: Readonly<Record<TagUse, string>> = {
  // Cursor and Open WebUI; Copilot.
  ask: "user_query userRequest",
  // Cline and Roo; Claude Code's commands.
  inside: "task feedback user_message user_feedback new_task answer objective command_args",
  wrapping: [
    // Claude Code
    "system_reminder ide_opened_file ide_selection ide_diagnostics command_name command_message",
    "local_command_stdout local_command_stderr local_command_caveat bash_input bash_stdout",
    "bash_stderr task_notification user_prompt_submit_hook new_diagnostics tool_use_error",
    // Cline, Roo
    "environment_details explicit_instructions final_file_content file_write_result hook_context",
    "workspace_diagnostics automatic_context",
    // Codex
    "environment_context user_instructions INSTRUCTIONS permissions collaboration_mode skill",
    "skills_instructions turn_aborted subagent_notification recommended_plugins available_skills",
    // Copilot
    "environment_info workspace_info attachments reminderInstructions editorContext todoList",
    "importantReminders agentPersistence userMemory sessionMemory repoMemory",
    // Cursor
    "attached_files open_and_recently_viewed_files additional_data git_status agent_transcripts",
    "agent_skills mcp_file_system rules user_rules project_layout user_info image_files timestamp",
    // opencode, Gemini CLI, Qwen Code
    "env session_context",
    // Tool results that stand in a user message
    "function_results function_result tool_result tool_results tool_response tool_output",
    "observation command_output terminal_output",
  ].join(" "),
  attachment: [
    "file_content file files file_contents document documents document_content context source",
    "sources context_files repo_map attachment pasted_text selection",
  ].join(" "),
};

/** THE TABLE of tags: name with `-` as `_`, upper and lower case apart, to its use. */
export const TAGS: ReadonlyMap<string, TagUse> = new Map(
  (["ask", "inside", "wrapping", "attachment"] as const).flatMap((use) =>
    TAG_NAMES[use].split(" ").map((name) => [name, use] as const)
  ),
);

/**
 * Tags whose names people use as well. They go only beside a tag that no person writes, or where
 * what begins their inside is the client's.
 */
export const COMMON_TAGS: ReadonlyMap<string, RegExp | null> = new Map([
  ["rules", /^\s*<(?:user_rules?|always_applied|agent_requestable|workspace_rule)/],
  ["user_info", /^\s*(?:OS Version|Workspace Path): /],
  ["env", /^\s*Working directory: /],
  ["skill", /^\s*<name>/],
  ["timestamp", /^\s*\w{3,9},? [\w ]{1,12},? \d{4}/],
  ["permissions", /^\s*Filesystem sandboxing /],
  ["attachments", /^\s*<attachment /],
  ...["observation", "image_files", "git_status", "project_layout", "additional_data", "todoList"]
    .map((name) => [name, null] as const),
  ...["command_output", "terminal_output", "tool_output", "tool_result", "tool_results"]
    .map((name) => [name, null] as const),
  ...["task", "answer", "feedback", "objective"].map((name) => [name, null] as const),
]);

/** A text of a client's, told by its opening and, where people may go on, by its ending. */
export interface ClientText {
  readonly opening: RegExp;
  /** Looked for in the last characters. */
  readonly ending?: RegExp;
}

/** What Cline and Roo call their tools. */
const CLINE_TOOLS =
  "execute_command|read_file|write_to_file|replace_in_file|apply_diff|apply_patch|edit_file|" +
  "insert_content|search_and_replace|search_files|list_files|list_code_definition_names|" +
  "browser_action|use_mcp_tool|access_mcp_resource|ask_followup_question|attempt_completion|" +
  "new_task|plan_mode_respond|plan_mode_response|load_mcp_documentation|switch_mode|" +
  "fetch_instructions|codebase_search|update_todo_list|web_fetch|web_search|condense|" +
  "run_slash_command|use_skill|generate_image";

/** What is a tool's output; all that may still be asked stands in `inside` tags. */
export const OUTPUT_TEXTS: readonly ClientText[] = [
  // Cline, Roo
  { opening: new RegExp(`^\\[(?:${CLINE_TOOLS})(?: for [^\\n]{0,400})?\\] Result:`) },
  // Harnesses that write results as user messages
  { opening: /^\[tool_result(?:: ?[^\]\n]{0,100})?\]/i },
  {
    opening: /^<(?:function_results?|tool_results?|tool_response|tool_output|observation)>/,
    ending:
      /<\/(?:function_results?|tool_results?|tool_response|tool_output|observation|environment_details|system-reminder)>$/,
  },
  { opening: /^TOOL RESPONSE:\s{0,4}\n-{5}/ },
  // Aider's /run and /test; a question below the output is the user's
  {
    opening: /^I ran this command:\n\n[^]{1,400}?\n\nAnd got this output:\n/,
    ending: /[^?？]$/,
  },
];

/** What opens a result in LangChain's ReAct, where the message before it calls for an action. */
export const REACT_RESULT = /^Observation:/;

/** What calls for it. */
export const REACT_ACTION = /(?:^|\n)Action(?: Input)?: /;

/** What a client wrote for the user: a part that is one asks nothing. */
export const WRAPPING_TEXTS: readonly ClientText[] = [
  // Codex
  {
    opening: /^# AGENTS\.md instructions for [^\n]{1,400}\n\s{0,4}<INSTRUCTIONS>/,
    ending: /<\/\w+>$/,
  },
  // Gemini CLI, Qwen Code
  { opening: /^This is the [\w ]{0,30}\. We are setting up the context for our chat/ },
  {
    opening: /^My setup is complete\./,
    ending: /^My setup is complete\.(?: I will provide my first command in the next turn\.)?$/,
  },
  // Claude Code
  {
    opening: /^Caveat: The messages below were generated by the user while running local commands/i,
  },
  {
    opening: /^\[Request interrupted/,
    ending: /^\[Request interrupted by user(?: for tool use)?\]$/,
  },
  {
    opening:
      /^This session is being continued from a previous conversation that ran out of context/,
  },
  { opening: /^Base directory for this skill: (?:[~/]|[A-Z]:\\)/ },
  // opencode's files, each in two parts
  { opening: /^Called the \w+ tool with the following input: \{/, ending: /\}$/ },
  { opening: /^<file>\r?\n\d{5}\| /, ending: /<\/file>$/ },
  // Cline, Roo
  { opening: /^\[ERROR\] You did not use a tool in your previous response!/ },
  { opening: /^# task_progress RECOMMENDED\s{1,4}When starting a new task, it is recommended/ },
  // Aider
  { opening: /^(?:I have|The system|Your partner) \*?added these files to the chat\*? so/ },
  {
    opening: /^I added these files to the chat: /,
    ending: /\nLet me know if there are others we should add\.$/,
  },
  { opening: /^Here are summaries of some files present in my git repo\w*\.\nDo not propose / },
  { opening: /^Here are some READ ONLY files, provided for your reference\.\n/ },
  { opening: /^I am working with you on code in a git repository\.\nHere are summaries of / },
  {
    opening: /^I am not sharing /,
    ending:
      /^I am not sharing (?:any|the full contents of any) files (?:that you can edit|with you) yet\.$/,
  },
  { opening: /^I switched to a new code base\. Please don't consider the above files/ },
  {
    opening: /^I (?:committed|updated|edited) the (?:changes|files)/,
    ending:
      /^I (?:committed the changes with git hash \w+ & commit message: [^\n]+|updated the files\.|edited the files myself\.)$/,
  },
  {
    opening: /^I did `git reset --hard HEAD~1` to discard the last edits\. Please wait for further/,
    ending: /why the changes were reverted\.$/,
  },
  {
    opening: /^I didn't see any/,
    ending: /^I didn't see any properly formatted edits in your reply\?!$/,
  },
  { opening: /^#? ?Fix any (?:linting )?errors below, if possible\./ },
  { opening: /^# \d+ SEARCH\/REPLACE blocks? failed to match!/ },
];

/** What opens a client's text around the user's words, which stand in tags. */
export const FEEDBACK_OPENINGS: readonly RegExp[] = [
  // Cline, Roo
  /^\[TASK RESUMPTION\] This task was interrupted/,
  /^You seem to be having trouble proceeding\. The user has provided the following feedback/,
];

/** A client's complaint about the last answer: wrapping that is evidence of a failure, too. */
export const COMPLAINT_OPENINGS: readonly RegExp[] = [
  /^\[ERROR\] You did not use a tool/,
  /^You seem to be having trouble proceeding\./,
  /^I didn't see any properly formatted edits/,
  /^#? ?Fix any (?:linting )?errors below, if possible\./,
  /^# \d+ SEARCH\/REPLACE blocks? failed to match!/,
];

/** What begins a client's fixed text after the ask: it goes, with all behind it. */
export const TAIL_OPENINGS: readonly RegExp[] = [
  // Aider's reminders
  /\n# \*(?:SEARCH\/REPLACE block|file listing)\* Rules:/,
  /\n# File editing rules:\n/,
  /\nTo suggest changes to a file you MUST return/,
  // Cline, Roo
  /\n# Reminder: Instructions for Tool Use\n/,
  /\n# task_progress RECOMMENDED\s{1,4}When starting a new task, it is recommended/,
  /\n\(This is an automated message, so do not respond to it conversationally/,
  // Copilot
  /\s\(See <attachments> above for file contents\. You may not need to search or read the file again\.\)\s*$/,
  // LangChain's structured chat
  /\nThis was your previous work \(but I haven't seen any of it!/,
  /\n ?\(reminder to (?:always )?respond (?:in|with) a (?:valid )?(?:JSON|json) blob/,
];

/** A template that a client fills with the ask: where the ask stands in it. */
export interface AskTemplate {
  readonly opening: RegExp;
  /** The ask begins behind the last of these words, … */
  readonly after: string;
  /** … and ends before the first of these that follows. */
  readonly before: readonly string[];
}

/** THE TABLE of templates. */
export const ASK_TEMPLATES: readonly AskTemplate[] = [
  // Codex in an editor
  {
    opening: /^# Context from my IDE setup:\n/,
    after: "\n## My request for Codex:",
    before: [],
  },
  // OpenHands and SWE-agent
  {
    opening: /^<uploaded_files>\n[^]{1,500}<issue_description>/,
    after: "<issue_description>\n",
    before: ["\n</issue_description>"],
  },
  {
    opening: /^<uploaded_files>\n[^]{1,500}<pr_description>/,
    after: "<pr_description>\n",
    before: ["\n</pr_description>"],
  },
  // LangChain's agents
  {
    opening: /^Answer the following questions as best you can/,
    after: "\nQuestion:",
    before: ["\nThought:", "\nObservation:", "\nAction:"],
  },
  {
    opening: /^Assistant is a large language model/,
    after: "\nNew input:",
    before: ["\nThought:", "\nObservation:"],
  },
  { opening: /^TOOLS\n-+/, after: "and NOTHING else):", before: ["\nTOOL RESPONSE:"] },
  // LangChain's and LlamaIndex's questions about documents
  {
    opening: /^Use the following (?:pieces of )?(?:retrieved )?context to answer/,
    after: "\nQuestion:",
    before: ["\nHelpful Answer:", "\nAnswer:"],
  },
  {
    opening: /^You are an assistant for question-answering tasks\. Use the following/,
    after: "\nQuestion:",
    before: ["\nContext:", "\nAnswer:"],
  },
  {
    opening: /^Context information is below\./,
    after: "\nQuery:",
    before: ["\nAnswer:"],
  },
  // Open WebUI's documents, where the query has no tag of its own
  {
    opening: /^### Task:\s{1,4}Respond to the user query using the provided context/,
    after: "</context>",
    before: [],
  },
];

/** Lines with which clients say when and where: they go from the ends of a text. */
export const ENVELOPE_LINE = new RegExp(
  [
    String
      .raw`(?:The )?current (?:date|time|date and time|datetime)(?: is| in [^\n:]{1,40})?:? ?.{0,40}\d{2}.{0,60}`,
    String.raw`Today(?:'s date)? is:? .{0,30}\d{4}.{0,60}`,
    String.raw`(?:The )?(?:current )?(?:working directory|cwd)(?: is)?:? ?[~/\\\w].{0,300}`,
    String.raw`Current branch: .{1,200}`,
    String.raw`(?:Operating system|Platform|OS Version|Default shell|User time zone): .{1,80}`,
    String
      .raw`\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?(?: UTC)?\]?`,
    String.raw`\[?(?:timestamp|time|date): ?\d{4}-\d\d-\d\d.{0,30}`,
  ].map((line) => `^(?:${line})$`).join("|"),
  "i",
);

/** A time in brackets before an ask, as chat bridges write it. */
export const LEADING_TIME =
  /^\[(?:\w{3} )?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| ?[+-]\d\d:?\d\d| UTC)?\] ?/;

/** What begins a paragraph that says how a git repository stands. */
export const GIT_PARAGRAPH = /^(?:git ?status:|on branch \S+\n(?:your branch|changes|nothing))/i;
