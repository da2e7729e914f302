import { said, testVendorErrors } from "../support/vendor_error.ts";

testVendorErrors({
  "vLLM": [
    {
      status: 400,
      body: {
        "object": "error",
        "message": "This model's maximum context length is 8192 tokens.",
        "type": "BadRequestError",
        "param": null,
        "code": 400,
      },
      kind: "context_overflow",
    },
    {
      status: 400,
      body: said(
        "The decoder prompt (length 9001) is longer than the maximum model length of 8192.",
        {
          "type": "BadRequestError",
          "code": 400,
        },
      ),
      kind: "context_overflow",
    },
    {
      status: 400,
      body: said("max_tokens must be at least 1, got -186.", { "type": "BadRequestError" }),
      kind: "context_overflow",
    },
    {
      status: 404,
      body: {
        "object": "error",
        "message": "The model `m` does not exist.",
        "type": "NotFoundError",
        "code": 404,
      },
      kind: "not_found",
    },
    { status: 401, body: { "error": "Unauthorized" }, kind: "auth" },
  ],
  "llama.cpp": [
    {
      status: 400,
      body: said("request (9001 tokens) exceeds the available context size (8192 tokens)", {
        "code": 400,
        "type": "exceed_context_size_error",
        "n_prompt_tokens": 9001,
        "n_ctx": 8192,
      }),
      kind: "context_overflow",
    },
    {
      status: 503,
      body: said("Loading model", { "code": 503, "type": "unavailable_error" }),
      kind: "overloaded",
    },
    {
      status: 501,
      body: said("This server does not support it", { "code": 501, "type": "not_supported_error" }),
      kind: "unsupported",
    },
    {
      status: 500,
      body: said("tools param requires --jinja flag", { "code": 500, "type": "server_error" }),
      kind: "unsupported",
    },
    {
      status: 401,
      body: said("Invalid API Key", { "code": 401, "type": "authentication_error" }),
      kind: "auth",
    },
  ],
  "LM Studio": [
    {
      status: 400,
      body: { "error": "Trying to keep the first 9001 tokens when context the overflows." },
      kind: "context_overflow",
    },
    {
      status: 400,
      body: {
        "error": "The number of tokens to keep from the initial prompt is greater than the " +
          "context length (n_keep: 9001>= n_ctx: 8192).",
      },
      kind: "context_overflow",
    },
    {
      status: 404,
      body: said('Failed to load model "m".', {
        "type": "invalid_request_error",
        "code": "model_not_found",
      }),
      kind: "not_found",
    },
  ],
  "Ollama's /v1": [
    {
      status: 404,
      body: said('model "m" not found, try pulling it first', { "type": "not_found_error" }),
      kind: "not_found",
    },
    {
      status: 500,
      body: said("model requires more system memory (7.5 GiB) than is available (5.2 GiB)", {
        "type": "api_error",
      }),
      kind: "server_error",
    },
    {
      status: 400,
      body: said("registry.ollama.ai/library/gemma:2b does not support tools", {
        "type": "invalid_request_error",
      }),
      kind: "unsupported",
    },
    {
      status: 429,
      body: said("you (me) have reached your weekly usage limit, upgrade for higher limits"),
      kind: "quota",
    },
  ],
});
