/** Housekeeping prompts of clients and users. */

const DIFF = "diff --git a/src/a.ts b/src/a.ts\n@@ -1 +1 @@\n-const a = 1;\n+const a = 2;";
const HISTORY = "### Chat History:\n<chat_history>\nUSER: How do I prove Fermat's theorem?\n" +
  "ASSISTANT: With modular forms.\n</chat_history>";

/** A prompt and the kind of housekeeping that it is. */
export interface HousekeepingPrompt {
  readonly client: string;
  readonly ask?: string;
  readonly system?: string;
  readonly name: string;
}

/** What clients send on their own account, shortened. */
export const HOUSEKEEPING_PROMPTS: readonly HousekeepingPrompt[] = [
  {
    client: "Open WebUI",
    ask:
      "### Task:\nGenerate a concise, 3-5 word title with an emoji summarizing the chat history.\n" +
      `### Guidelines:\n- Keep it clear.\n### Output:\nJSON format: { "title": "…" }\n${HISTORY}`,
    name: "chat-title",
  },
  {
    client: "Open WebUI",
    ask:
      "### Task:\nGenerate 1-3 broad tags categorizing the main themes of the chat history, along " +
      `with 1-3 more specific subtopic tags.\n\n### Guidelines:\n- Start high-level\n${HISTORY}`,
    name: "tags",
  },
  {
    client: "Open WebUI",
    ask:
      "### Task:\nSuggest 3-5 relevant follow-up questions or prompts that the user might naturally " +
      `ask next in this conversation as a **user**.\n${HISTORY}`,
    name: "follow-ups",
  },
  {
    client: "Open WebUI",
    ask:
      "### Task:\nAnalyze the chat history to determine the necessity of generating search queries, " +
      `in the given language.\n### Guidelines:\n- Respond with JSON.\n${HISTORY}`,
    name: "search-query",
  },
  {
    client: "Open WebUI",
    ask:
      "### Task:\nYou are an autocompletion system. Continue the text in `<text>` based on the " +
      "**completion type** in `<type>`.\n<type>General</type>\n<text>How do I</text>",
    name: "autocomplete",
  },
  {
    client: "Open WebUI",
    ask:
      "Your task is to reflect the speaker's likely facial expression through a fitting emoji. " +
      "Interpret emotions from the message.\n\nMessage: It failed again",
    name: "emoji",
  },
  {
    client: "Open WebUI",
    ask: "### Task:\nGenerate a detailed prompt for am image generation task based on the given " +
      `language and context.\n${HISTORY}`,
    name: "image-prompt",
  },
  {
    client: "Open WebUI",
    ask:
      "Available Tools: []\n\nYour task is to choose and return the correct tool(s) from the list " +
      "of available tools based on the query.",
    name: "tool-choice",
  },
  {
    client: "opencode",
    system: "You are a title generator. You output ONLY a thread title. Nothing else.\n\n<task>\n" +
      "Generate a brief title that would help the user find this conversation later.\n</task>",
    ask: "Debug the race condition in the distributed scheduler",
    name: "chat-title",
  },
  {
    client: "opencode",
    system:
      "You are a helpful AI assistant tasked with summarizing conversations.\n\nWhen asked to " +
      "summarize, provide a detailed but concise summary of the conversation.",
    ask: "Provide a detailed prompt for continuing our conversation above.",
    name: "chat-summary",
  },
  {
    client: "opencode",
    ask: "Summarize what was done in this conversation. Write like a pull request description.",
    name: "chat-summary",
  },
  {
    client: "Claude Code",
    system:
      "Analyze if this message indicates a new conversation topic. If it does, extract a 2-3 " +
      "word title. Format your response as a JSON object with two fields: 'isNewTopic' and 'title'.",
    ask: "now prove that it terminates",
    name: "topic-detection",
  },
  {
    client: "Claude Code",
    system:
      "Generate a concise, sentence-case title (3-7 words) that captures the main topic or goal " +
      "of this coding session.",
    ask: "refactor the billing module",
    name: "chat-title",
  },
  {
    client: "Claude Code",
    ask:
      "CRITICAL: Respond with TEXT ONLY. Do NOT call any tools.\n\nYour task is to create a detailed " +
      "summary of the conversation so far, paying close attention to the user's explicit requests.",
    name: "chat-summary",
  },
  { client: "Claude Code", ask: "quota", name: "ping" },
  {
    client: "crush",
    system:
      "You will generate a short title based on the first message a user begins a conversation with",
    ask: "why does my parser overflow the stack?",
    name: "chat-title",
  },
  {
    client: "Aider",
    system:
      "You are an expert software engineer that generates concise, one-line Git commit messages " +
      "based on the provided diffs.",
    ask: DIFF,
    name: "commit-message",
  },
  {
    client: "Aider",
    system:
      "*Briefly* summarize this partial conversation about programming.\nInclude less detail " +
      "about older parts.",
    ask: "# USER\nfix the deadlock\n# ASSISTANT\nDone",
    name: "chat-summary",
  },
  {
    client: "Continue",
    ask:
      "How do I sort in Rust?\n\nGiven the following... please reply with a title for the chat that " +
      "is 3-4 words in length, all words used should be directly related to the content of the chat",
    name: "chat-title",
  },
  {
    client: "Continue",
    ask:
      `${DIFF}\n\nGenerate a commit message for the above set of changes. First, give a single ` +
      "sentence, no more than 80 characters.",
    name: "commit-message",
  },
  {
    client: "Cline",
    system:
      "You are a helpful assistant that generates informative git commit messages based on git " +
      "diffs output.",
    ask: DIFF,
    name: "commit-message",
  },
  {
    client: "Copilot",
    system:
      "You are an expert in crafting pithy titles for chatbot conversations. You are presented with " +
      "a chat conversation, and you reply with a brief title.",
    ask: "Please write a brief title for this conversation.",
    name: "chat-title",
  },
  {
    client: "Copilot",
    system:
      "You are an AI programming assistant, helping a software developer to come with the best " +
      "git commit message for their code changes.",
    ask: DIFF,
    name: "commit-message",
  },
  {
    client: "Copilot",
    system: "You are an expert in crafting pithy branch names for Git Repos based on chatbot " +
      "conversations.",
    ask: "Add a login page",
    name: "branch-name",
  },
  {
    client: "LibreChat",
    ask:
      "Provide a concise, 5-word-or-less title for the conversation, using title case conventions. " +
      "Only return the title itself.\n\nConversation:\nUser: hi",
    name: "chat-title",
  },
  {
    client: "Zed",
    ask:
      "Generate a concise 3-7 word title for this conversation, omitting punctuation. Go straight " +
      "to the title, without any preamble.",
    name: "chat-title",
  },
  {
    client: "Zed",
    ask:
      "Generate a detailed summary of this conversation. Include:\n1. A brief overview of what was " +
      "discussed\n2. Key facts",
    name: "chat-summary",
  },
  {
    client: "Zed",
    system: "You are an expert at writing Git commits. Your job is to write a short clear commit " +
      "message that summarizes the changes.",
    ask: DIFF,
    name: "commit-message",
  },
  {
    client: "Pi",
    system:
      "You are a context summarization assistant. Your task is to read a conversation between " +
      "a user and an AI coding assistant, then produce a structured summary.",
    ask: "<conversation>\n[User]: migrate the database\n</conversation>",
    name: "chat-summary",
  },
  {
    client: "Codex",
    ask:
      "You are performing a CONTEXT CHECKPOINT COMPACTION. Create a handoff summary for another " +
      "LLM that will resume the task.",
    name: "chat-summary",
  },
  {
    client: "Gemini CLI",
    system: "You are the component that summarizes internal chat history into a given structure.",
    ask: "First, reason in your scratchpad. Then, generate the <state_snapshot>.",
    name: "chat-summary",
  },
  {
    client: "Gemini CLI",
    ask:
      "Analyze *only* the content and structure of your immediately preceding response (your last " +
      "turn in the conversation history). Determine who should logically speak next.",
    name: "topic-detection",
  },
  {
    client: "Roo",
    system: "You are a helpful AI assistant tasked with summarizing conversations.",
    ask: "Summarize the conversation so far, as described in the prompt instructions.",
    name: "chat-summary",
  },
  {
    client: "LangChain",
    ask:
      "Progressively summarize the lines of conversation provided, adding onto the previous summary " +
      "returning a new summary.\n\nEXAMPLE\nCurrent summary:",
    name: "chat-summary",
  },
  {
    client: "LangChain",
    ask:
      "Given the following conversation and a follow up question, rephrase the follow up question " +
      "to be a standalone question, in its original language.\n\nChat History:",
    name: "search-query",
  },
  {
    client: "LobeChat",
    system:
      "You are a professional conversation summarizer. Generate a concise title that captures " +
      "the essence of the conversation.",
    ask: "user: 你好",
    name: "chat-title",
  },
  {
    client: "Jan",
    ask: 'Summarize in a 10-word Title. Give the title only. "…"',
    name: "chat-title",
  },
  { client: "a user", ask: "Write a commit message for this diff", name: "commit-message" },
  { client: "a user", ask: `${DIFF}\n\ncommit message please`, name: "commit-message" },
  { client: "a user", ask: `one line commit message\n\n${DIFF}`, name: "commit-message" },
  { client: "a user", ask: "Suggest a git branch name for ticket APP-12", name: "branch-name" },
  { client: "a user", ask: "Write the PR description for these changes", name: "pull-request" },
  { client: "a user", ask: "Give this chat a name. 4 words or fewer.", name: "session-name" },
  { client: "a user", ask: "Summarize this conversation in two sentences", name: "chat-summary" },
  { client: "a user", ask: `commit message for this diff:\n\n${DIFF}`, name: "commit-message" },
  { client: "a user", ask: "write commit msg", name: "commit-message" },
  {
    client: "a script",
    ask: "Based on the above conversation, generate a concise title",
    name: "chat-title",
  },
  {
    client: "a script",
    ask: "Here is the conversation:\nuser: prove it\n\nCreate a title (max 5 words).",
    name: "chat-title",
  },
  {
    client: "a script",
    system: "Generate a short, descriptive title (max 50 characters) for a coding session that " +
      "begins with the user's message.",
    ask: "refactor the scheduler",
    name: "chat-title",
  },
  {
    client: "a script",
    ask: "Generate a short, descriptive title (max 50 characters) for a coding session: fix login",
    name: "chat-title",
  },
  { client: "a user", ask: "TL;DR of this chat", name: "chat-summary" },
  { client: "a script", ask: "ping", name: "ping" },
];
