import assert from "node:assert/strict";
import { findHousekeeping } from "../../src/core/housekeeping.ts";
import { HOUSEKEEPING_PROMPTS } from "../support/housekeeping_prompts.ts";

for (const [index, { client, ask = "", system = "", name }] of HOUSEKEEPING_PROMPTS.entries()) {
  Deno.test(`findHousekeeping() finds ${name} of ${client} (row ${index})`, () => {
    assert.equal(findHousekeeping({ ask, system })?.name, name);
  });
}

/** Tasks that name the same things. */
const TASKS: readonly string[] = [
  "Implement a title generator in React",
  "Write a function that returns a commit message",
  "Write a commit message generator in Python",
  "Write a commit message linter with tests",
  "Create a commit message hook for husky",
  "Write a script that generates commit messages from diffs",
  "Write tests for the commit message parser",
  "Write a commit message and then refactor the scheduler to use a heap",
  "How do I write a good commit message?",
  "Why does the branch name contain a slash?",
  "Explain how the title generation in chat.ts works",
  "Review the prompt that generates chat titles",
  "Fix the bug in the conversation summary component",
  "Build a chat app.\nGenerate a title for the conversation after the first message.",
  "Add tags to the blog posts and a filter for them",
  "Generate a title page for my thesis in LaTeX",
  "Suggest a title for my novel about the sea",
  "Summarize this paper on quantum error correction",
  "Summarise this thread for me in 5 bullets, who has to do what\n\nFrom: Priya\nTo: Ben",
  "Summarize the session handling code in auth.ts",
  "Design a system that suggests follow-up questions in a search engine",
  "Create a PR title validator as a GitHub Action",
  "Generate a branch name validation regex",
  "Write an emoji picker for the conversation view",
  "Name the three laws of thermodynamics",
  "Name this session variable better and update its uses",
  "Label this session table's columns",
  "Implement autocomplete for the search box",
  "ping the server at 10.0.0.1 from Go and print the latency",
  "Write a short story with the title 'The Conversation'",
  "Prove that the compaction of a log-structured merge tree terminates",
  "Translate this conversation into French",
  "Summarize the conversation above and then prove that the lock is fair and implement it in Rust",
  "Summarize the chat history below.\nThen find the logical fallacies in it and rank them.",
  "Recap the session: what are the open proofs, and solve them",
  "### Task:\nImplement an autocomplete engine with a compressed trie, prove its bounds",
  "### Task:\nGenerate tags handling code in Rust",
  "Label this conversation dataset with intents, design the taxonomy, train a classifier",
  "name this thread-safe queue's weak points",
  "Name the session hijacking attacks",
  "Write a commit message and squash the last three commits",
  "Write a commit message style guide",
  "Return the commit message of HEAD~3 in a bash script",
  "output the branch names that contain this commit",
];

for (const ask of TASKS) {
  Deno.test(`findHousekeeping() leaves "${ask.split("\n")[0]}" alone`, () => {
    assert.equal(findHousekeeping({ ask, system: "You are a helpful assistant." }), null);
  });
}

/** System prompts of agents that happen to speak of such things. */
const AGENTS: readonly string[] = [
  "You are a coding agent. Always write clear commit messages and small pull requests.",
  "You are Claude Code, Anthropic's official CLI for Claude.\nYou help users with software tasks.",
  "You are a helpful assistant. When the user asks for a title, keep it short.",
  "You are opencode, an interactive CLI tool that helps users with software engineering tasks.",
  "You are a coding agent that edits code and generates concise git commit messages.",
  "You write pull request descriptions and implement features.",
  "Write concise names for sessions variables",
  "You are a support bot. Tell the user if this message indicates a new conversation topic.",
  "You summarize customer conversations and then write the code that fixes what they complain of.",
];

for (const system of AGENTS) {
  Deno.test(`findHousekeeping() is not misled by "${system.slice(0, 50)}"`, () => {
    assert.equal(findHousekeeping({ ask: "Fix the failing test", system }), null);
  });
}

Deno.test("findHousekeeping() reads the ends of a huge ask only", () => {
  const log = "2026-01-01 INFO nothing happened\n".repeat(20_000);
  assert.equal(findHousekeeping({ ask: log, system: log }), null);
  const ask = `${log}\nGenerate a title for this conversation`;
  assert.equal(findHousekeeping({ ask, system: "" })?.name, "chat-title");
});
