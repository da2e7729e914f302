/** THE TABLE of housekeeping prompts: clients' templates by their key phrases, and users' own. */

/** One kind of housekeeping prompt: what it is called, and what it is told by. */
export interface HousekeepingKind {
  readonly name: string;
  /** What it is, for the reasons: "is a housekeeping prompt: a chat title". */
  readonly words: string;
  /** At the beginning of the system prompt. */
  readonly system?: readonly RegExp[];
  /** A sentence of a client's, whatever stands beside it. */
  readonly template?: readonly RegExp[];
  /** A client's or a user's words, at the beginning of the ask or in its last line. */
  readonly ask?: readonly RegExp[];
  /** A client's words, all that is asked. */
  readonly whole?: readonly RegExp[];
  /** A user's words in an ordinary chat, where they ask for nothing else. */
  readonly user?: readonly RegExp[];
}

/** What a title is given to. */
const CHAT = "(?:chat|conversation|thread|session|discussion|dialog(?:ue)?|messages?|interaction)";

/** What is summed up: a thread may be one of mails. */
const TALK = "(?:chat|conversation|session|discussion|dialog(?:ue)?)";

/** It is summed up itself, not a program's part that is called after it. */
const AS_SUCH =
  "(?=$|[.,:;!?\\n(]| (?:so far|above|below|in|into|as|for|and|with|between|up to|to|using|before|history|provided|from)\\b)";

/** Words between a verb and its noun: few, and none that makes another noun the object. */
const FEW =
  "(?:(?!(?:that|which|who|to|for|from|of|about|how|why|in|with|and|using|functions?|scripts?|" +
  "code|programs?|class|tests?|apps?|regex|hooks?|bots?|tools?|parsers?)\\b)" +
  "[\\w,'’\"/&()≤–-]+ ){0,6}";

/** Any few words. */
const SOME = "(?:[\\w,'’()–-]+ ){0,12}";

const GIVE = "(?:generate|create|write|suggest|give|provide|produce|reply with|respond with|" +
  "return|come up with|make|craft|propose|output|compose|draft|name|pick)";

/** Not a thing that makes the noun: "a title generator". */
const NOT_A_PROGRAM = String
  .raw`(?![\w-]*[ -](?:generat\w*|components?|functions?|class(?:es)?|parsers?|linters?|hooks?|templates?|validat\w*|checkers?|bots?|tools?|scripts?|apps?|pages?|bars?|elements?|attributes?|fields?|columns?|props?|tags? in|inputs?|conventions?|style|guides?|guidelines?|policy|screens?|cards?|case|services?|endpoints?|plugins?|extensions?|systems?|features?|models?)\b)`;

/** Not those of a repository's history, which a tool must look up. */
const OF_THESE = String
  .raw`(?! (?:of (?:HEAD|the last|every|each|all|commit)|that (?:contain|match|are|were)|in an? )\b)`;

function regex(...sources: readonly string[]): readonly RegExp[] {
  return sources.map((source) => new RegExp(source, "i"));
}

/** THE TABLE: the first row that matches names the prompt. */
export const HOUSEKEEPING: readonly HousekeepingKind[] = [
  {
    // opencode, crush, Copilot, LobeChat, LibreChat, Claude Code, Open WebUI, Continue, Zed, Jan
    name: "chat-title",
    words: "a chat title",
    system: regex(
      String.raw`^\W*you are an? (?:\w+ ){0,4}title[ -]?(?:generator|writer|assistant|maker)\b`,
      String
        .raw`^\W*(?:you (?:will|must|should|are to) |your (?:task|job) is to )?${GIVE} ${FEW}titles? ${SOME}(?:${CHAT}|(?:first|user) message)\b`,
      String
        .raw`^[^.]{0,120}\b(?:pithy|short|brief|concise) (?:titles?|names?) for (?:\w+ ){0,3}(?:conversations?|chats?|sessions?)(?=$|[.,;\n])`,
      String
        .raw`^\W*summarize this (?:coding )?${CHAT} in (?:under|at most|less than) \d+ (?:characters|words)`,
      String.raw`^\W*you are a professional conversation summarizer`,
      "用户的会话总结为.{0,12}标题",
    ),
    template: regex(
      String
        .raw`^### Task:\s{1,4}(?:Generate|Create|Suggest) (?:a |an )?(?:[\w-]+,? ){0,5}title (?:with an emoji |[\w-]+ ){0,4}(?:summari[sz]ing|for|of|based on) the (?:chat|conversation)`,
      String.raw`\breply with a title for the chat that is \d`,
    ),
    ask: regex(
      String.raw`^### Task:\s{1,4}Generate a concise, \d-\d word title\b`,
      String.raw`^Generate a title for this (?:conversation|chat):?`,
      String.raw`\b(?:concise|short|brief),? (?:\d+-\d+|\d+|[a-z]+)[ -]words?(?:-or-less)? title\b`,
      String.raw`\b\d+-word-or-less title for the ${CHAT}`,
      String.raw`^Summarize in an? \d+-word title`,
      String
        .raw`^(?:please )?${GIVE} ${FEW}titles? (?:for|of|to|summari[sz]ing|based on|that summari[sz]es) (?:the |this |our |my |following |above |entire |whole ){0,4}${CHAT}\b(?! (?:app|list|component|page|class))`,
      String
        .raw`^(?:<\/\w+>\s*)?(?:please )?${GIVE} (?:a |the )?(?:short |concise |brief )?title of (?:at most |no more than |up to )?[\w–-]+ words`,
      String
        .raw`^(?:based on|from|given) (?:the|this|that) (?:first |user['’]?s? |opening |above |following )*(?:message|${CHAT}),? ${GIVE} ${FEW}title\b`,
      String
        .raw`^${GIVE} (?:a |an )(?:(?:short|concise|brief|descriptive|clear),? )*(?:\w+ )?title \(max(?:imum)? \d+ (?:characters|chars|words)\)`,
      String
        .raw`^here is (?:the|a|our) conversation:[^]*\b${GIVE} a title \(max(?:imum)? \d+ words\)`,
    ),
  },
  {
    name: "session-name",
    words: "a name for a session",
    ask: regex(
      String
        .raw`^(?:please )?(?:name|label) (?:this|the|our) ${CHAT}(?=$|[.:;!?\n]| ?\(|, (?:in|max|at most|\w+ words)| (?:in|with|using|for|briefly|after|as)\b)`,
      String.raw`^(?:please )?give (?:this|the|our) ${CHAT} (?:a|an) (?:\w+ )?(?:name|title)\b`,
      String.raw`^what['’]?s this (?:session|chat|conversation) about\?? .{0,20}\bwords\b`,
      String
        .raw`\b(?:session|thread|conversation|chat) (?:name|slug)\b.{0,30}\b(?:kebab-case|words|characters)\b`,
    ),
  },
  {
    name: "tags",
    words: "tags for a chat",
    ask: regex(
      String.raw`^### Task:\s{1,4}Generate \d+-\d+ broad tags categorizing\b`,
      String.raw`\bbroad tags categorizing\b`,
      String
        .raw`^(?:please )?${GIVE} ${FEW}(?:tags|labels|keywords) (?:for|that describe|describing|categori[sz]ing|summari[sz]ing) (?:the |this |our |following |above ){0,3}${CHAT}\b(?! (?:app|component|table))`,
    ),
  },
  {
    name: "follow-ups",
    words: "follow-up suggestions",
    ask: regex(
      String.raw`^### Task:\s{1,4}Suggest (?:\d+-\d+ )?(?:\w+ ){0,3}follow-?up`,
      String
        .raw`^(?:please )?(?:suggest|generate|write|give(?: me)?|propose) (?:\d+(?:-\d+)? |(?:two|three|four|five|some|a few) )?(?:\w+ ){0,3}(?:follow-?up (?:questions?|prompts?|messages?)|(?:quick |short )?repl(?:y|ies))\b.{0,60}(?:\buser\b|\bchat\b|\bconversation\b|\bclick|\bjson\b|$)`,
    ),
  },
  {
    name: "search-query",
    words: "search queries for a chat",
    system: regex(String.raw`\bformulate a standalone question\b`),
    template: regex(
      String.raw`\bdetermine the necessity of generating search queries\b`,
    ),
    ask: regex(
      String.raw`\brephrase the follow[ -]?up (?:question|input)\b.{0,60}\bstandalone\b`,
      String.raw`\bformulate a standalone question\b`,
      String
        .raw`^(?:please )?(?:generate|write|provide) ${FEW}search (?:query|queries) (?:for|from|based on) (?:the |this |above |following ){0,3}${CHAT}\b`,
    ),
  },
  {
    name: "autocomplete",
    words: "the completion of what a user types",
    ask: regex(
      String.raw`^### Task:\s{1,4}You are an autocompletion system`,
    ),
  },
  {
    name: "emoji",
    words: "an emoji for a chat",
    ask: regex(
      String.raw`\breflect the speaker['’]s likely facial expression\b`,
      String
        .raw`^(?:please )?${GIVE} ${FEW}emojis? (?:for|that (?:best )?(?:represents?|summari[sz]es|reflects?|fits?)) (?:the |this |above ){0,2}${CHAT}\b`,
    ),
  },
  {
    name: "image-prompt",
    words: "a prompt for an image",
    ask: regex(
      String.raw`^### Task:\s{1,4}Generate a detailed prompt for a[mn]? image generation task`,
    ),
  },
  {
    name: "tool-choice",
    words: "the choice of tools for a chat",
    ask: regex(
      String.raw`\bYour task is to choose and return the correct tool\(s\)`,
      String.raw`^### Task:[^]{0,200}\bcorrect tool\(s\) from the list\b`,
    ),
  },
  {
    // Claude Code, Gemini CLI
    name: "topic-detection",
    words: "the detection of a new topic",
    system: regex(
      String.raw`^\W*analyze if this message indicates a new conversation topic\b`,
    ),
    ask: regex(
      String.raw`^\W*analyze if this message indicates a new conversation topic\b`,
      String
        .raw`^Analyze \*?only\*? the content and structure of your immediately preceding response`,
      String.raw`\bwho should logically speak next\b`,
    ),
  },
  {
    name: "command-check",
    words: "the check of a shell command",
    system: regex(
      String.raw`^\W*your task is to process bash commands that an AI coding agent wants to run`,
      String.raw`\bextract any file paths that this command reads or modifies\b`,
    ),
    ask: regex(
      String.raw`<policy_spec>[^]{0,200}\bprefix detection\b`,
      String.raw`^Extract any file paths that this command reads or modifies\b`,
    ),
  },
  {
    // Aider, Zed, Cline, Copilot, Continue
    name: "commit-message",
    words: "a commit message",
    system: regex(
      String
        .raw`^\W*you are an? (?:\w+ ){1,4}(?:that|who) generates? (?:[\w-]+,? ){0,4}git commit messages?\b`,
      String
        .raw`^\W*you are [^.]{0,120}\b(?:come (?:up )?with|write|writing) (?:the best |an? |short |clear |concise |good ){0,3}git commit(?:s| messages?)\b`,
      String.raw`^\W*you are an? (?:\w+ ){0,4}commit message (?:generator|writer|assistant)\b`,
    ),
    user: regex(
      String.raw`^(?:\w+ ){0,3}commit (?:message|msg)(?:,? please)?[.!]?$`,
      String
        .raw`^(?:(?:please|now|ok(?:ay)?|can you|could you|task:)[, ]+){0,3}${GIVE} (?:me )?${FEW}(?:conventional commit|commit (?:messages?|msgs?|titles?|subjects?|messages? body))\b${NOT_A_PROGRAM}${OF_THESE}`,
      String
        .raw`^${FEW}commit (?:messages?|msgs?|titles?)(?: for (?:this|the|these) (?:\w+ )?(?:diff|changes?|patch))?(?:,[^\n]{0,40})?:?\s*\n\s*(?:diff |---|\+\+\+|- |\x60{3}|@@)`,
      String
        .raw`^(?:please )?summari[sz]e (?:the|this|these) (?:diff|changes?|patch) (?:in|into|as) (?:a |one )?(?:\w+ )?commit\b`,
    ),
  },
  {
    name: "branch-name",
    words: "a branch name",
    system: regex(
      String.raw`^[^.]{0,120}\b(?:pithy|short|concise) (?:git )?branch names?\b`,
      String.raw`^\W*(?:you )?generates? ${FEW}branch names?\b`,
    ),
    user: regex(
      String
        .raw`^(?:(?:please|now|ok(?:ay)?|can you|could you|task:)[, ]+){0,3}${GIVE} (?:me )?${FEW}branch names?\b${NOT_A_PROGRAM}${OF_THESE}`,
    ),
  },
  {
    name: "pull-request",
    words: "a pull request's title or description",
    system: regex(
      String
        .raw`^\W*you [^.]{0,80}\b(?:writes?|writing|generates?|summari[sz]es?) ${FEW}(?:pull request|PR|merge request) (?:titles?|descriptions?|summar(?:y|ies))\b(?! and \w)`,
    ),
    user: regex(
      String
        .raw`^(?:(?:please|now|ok(?:ay)?|can you|could you|task:)[, ]+){0,3}${GIVE} (?:me )?${FEW}(?:pull request|pr|merge request)(?:['’]s)? (?:titles?|descriptions?|summar(?:y|ies))\b${NOT_A_PROGRAM}`,
      String.raw`\bwrite like a pull request description\b`,
    ),
  },
  {
    // Pi, Roo, opencode, Aider, Gemini CLI, Copilot, LangChain
    name: "chat-summary",
    words: "the summary of a chat",
    system: regex(
      String.raw`\btasked with summari[sz]ing conversations\b`,
      String
        .raw`^\W*you are a (?:context |conversation |chat )+(?:summari[sz]ation assistant|summari[sz]er|compactor)\b`,
      String.raw`^\W*\*?briefly\*? summari[sz]e this partial conversation\b`,
      String.raw`^\W*you are the component that summari[sz]es internal chat history\b`,
      String
        .raw`^\W*your task is to create a (?:comprehensive|detailed|concise|[\w, ]{1,40}) summary of the (?:entire )?conversation\b`,
      String.raw`^\W*you are compacting an? (?:\w+ ){0,2}(?:session|conversation)\b`,
      String.raw`^<role>\s*Context Extraction Assistant`,
    ),
    ask: regex(
      String
        .raw`\byour task is to (?:create|produce|write) a (?:[\w-]+,? ){0,4}summary of (?:the|this|our) (?:[\w-]+ ){0,2}conversation\b`,
      String.raw`\bCONTEXT CHECKPOINT COMPACTION\b`,
      String.raw`\bcreate a (?:[\w-]+ ){0,3}(?:handoff|checkpoint) summary\b`,
      String.raw`\*?briefly\*? summari[sz]e this partial conversation\b`,
      String.raw`^Provide a detailed prompt for continuing our conversation\b`,
      String.raw`\bgenerate the <state_snapshot>`,
      String.raw`^Progressively summari[sz]e the lines of conversation\b`,
      String.raw`^Distill the above chat messages into a single summary`,
      "^CONCISE SUMMARY:$",
      String.raw`^(?:give me a )?tl;?dr (?:of|for) (?:this|the|our) ${TALK}\b${AS_SUCH}`,
      String
        .raw`^(?:please )?(?:(?:briefly|concisely) )?(?:summari[sz]e|condense|compact|recap) (?:what was done in |the |this |our |above |following |previous |entire |whole |partial |coding |agent ){1,5}(?:${TALK}|chat history|transcript)s?\b${AS_SUCH}`,
      String
        .raw`^(?:please )?(?:generate|create|write|provide|give me) ${FEW}summary of (?:the |this |our |above |previous |entire |whole ){1,4}${TALK}s?\b${AS_SUCH}`,
      String.raw`^<system>You are compacting\b`,
    ),
  },
  {
    name: "ping",
    words: "a warm-up",
    whole: [
      /^\W*(?:ping|quota|warm-?up|test(?:ing)?|count|say (?:ok|pong)|reply with (?:ok|pong)|respond with (?:ok|pong|only ok)|are you there|health ?check)\W*$/i,
    ],
  },
];
