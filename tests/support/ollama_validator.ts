/**
 * Refuses what Ollama's server would refuse (its Go types are strict) and, stricter than it, what
 * it would ignore in silence. https://github.com/ollama/ollama/blob/main/api/types.go
 */

type Check = (value: unknown, path: string) => readonly string[];
type Fields = Readonly<Record<string, Check>>;

/** Every objection to the body of a `POST /api/chat`; empty when it is accepted whole. */
export function checkOllamaRequest(body: unknown): readonly string[] {
  const required = ["model", "messages", "stream"];
  return [...checkObject(body, "body", { fields: REQUEST, required }), ...checkResults(body)];
}

/** Templates show a result where it stands: one that answers no call just above it confuses models. */
function checkResults(body: unknown): readonly string[] {
  const messages = isObject(body) && Array.isArray(body["messages"]) ? body["messages"] : [];
  let open = new Set<unknown>();
  return messages.filter(isObject).flatMap((message, index) => {
    const { role, "tool_calls": calls, "tool_call_id": id } = message;
    if (role !== "tool") {
      open = new Set((Array.isArray(calls) ? calls : []).map((call) => Object(call)["id"]));
      return [];
    }
    return id === undefined || open.delete(id)
      ? []
      : [`body.messages[${index}] is the result of no call`];
  });
}

interface Shape {
  readonly fields: Fields;
  readonly required?: readonly string[];
}

function checkObject(value: unknown, path: string, shape: Shape): readonly string[] {
  if (!isObject(value)) return [`${path} is not an object`];
  const missing = (shape.required ?? []).filter((name) => !Object.hasOwn(value, name))
    .map((name) => `${path}.${name} is missing`);
  const wrong = Object.entries(value).flatMap(([name, entry]) => {
    if (entry === undefined) return [];
    const check = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
    return check === undefined
      ? [`${path}.${name} is ignored by the server`]
      : check(entry, `${path}.${name}`);
  });
  return [...missing, ...wrong];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function expect(isRight: (value: unknown) => boolean, wanted: string): Check {
  return (value, path) => isRight(value) ? [] : [`${path} is not ${wanted}`];
}

function listOf(check: Check): Check {
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((item, index) => check(item, `${path}[${index}]`))
      : [`${path} is not a list`];
}

function object(fields: Fields, required: readonly string[] = []): Check {
  return (value, path) => checkObject(value, path, { fields, required });
}

const text = expect((value) => typeof value === "string", "a string");
const filledText = expect((value) => typeof value === "string" && value !== "", "a filled string");
const yesOrNo = expect((value) => typeof value === "boolean", "a boolean");
const number = expect((value) => typeof value === "number" && Number.isFinite(value), "a number");
const integer = expect((value) => Number.isSafeInteger(value), "an integer");
const anyObject = expect(isObject, "an object");
const base64 = expect(
  (value) =>
    typeof value === "string" && value.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(value),
  "padded base64",
);

const property: Check = (value, path) => {
  if (!isObject(value)) return [`${path} is not an object`];
  const nested = value["properties"];
  return nested === undefined ? [] : properties(nested, `${path}.properties`);
};

const properties: Check = (value, path) =>
  isObject(value)
    ? Object.entries(value).flatMap(([name, schema]) => property(schema, `${path}.${name}`))
    : [`${path} is not an object`];

const parameters: Check = (value, path) => {
  if (!isObject(value)) return [`${path} is not an object`];
  return [
    ...text(value["type"], `${path}.type`),
    ...properties(value["properties"], `${path}.properties`),
    ...(value["required"] === undefined ? [] : listOf(text)(value["required"], `${path}.required`)),
  ];
};

const MESSAGE: Fields = {
  "role": expect(
    (value) => ["system", "user", "assistant", "tool"].includes(String(value)),
    "a role that templates know",
  ),
  "content": text,
  "thinking": filledText,
  "images": listOf(base64),
  "tool_calls": listOf(
    object({
      "id": filledText,
      "function": object({ "name": text, "arguments": anyObject }, ["name", "arguments"]),
    }, ["function"]),
  ),
  "tool_name": filledText,
  "tool_call_id": text,
};

const OPTIONS: Fields = {
  ...Object.fromEntries(
    [
      "num_ctx num_predict num_keep num_batch num_gpu main_gpu num_thread seed top_k repeat_last_n",
    ].flatMap((names) => names.split(" ")).map((name) => [name, integer]),
  ),
  ...Object.fromEntries(
    ["temperature top_p min_p typical_p repeat_penalty presence_penalty frequency_penalty"]
      .flatMap((names) => names.split(" ")).map((name) => [name, number]),
  ),
  "use_mmap": yesOrNo,
  "stop": listOf(text),
};

const REQUEST: Fields = {
  "model": filledText,
  "messages": listOf(object(MESSAGE, ["role", "content"])),
  "stream": yesOrNo,
  "tools": listOf(
    object({
      "type": text,
      "function": object({ "name": filledText, "description": text, "parameters": parameters }, [
        "name",
        "parameters",
      ]),
    }, ["type", "function"]),
  ),
  "format": expect((value) => value === "json" || isObject(value), 'neither "json" nor a schema'),
  "think": expect(
    (value) =>
      typeof value === "boolean" || ["low", "medium", "high", "max"].includes(String(value)),
    "a boolean or a level",
  ),
  "keep_alive": expect(
    (value) => typeof value === "number" || /^-?\d+(\.\d+)?(ms|s|m|h)?$/.test(String(value)),
    "a duration",
  ),
  "options": object(OPTIONS),
  "truncate": yesOrNo,
  "shift": yesOrNo,
  "logprobs": yesOrNo,
  "top_logprobs": integer,
};
