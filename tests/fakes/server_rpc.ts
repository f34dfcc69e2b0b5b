/** The fake server as an MCP server: every turn that a conversation can take. @module */
import { delay, inputLines, witness, writeJson } from "./server_io.ts";

/** A JSON-RPC message, as loosely as a careless peer sends it. */
interface Message {
  readonly jsonrpc?: string;
  readonly id?: string | number | null;
  readonly method?: string;
  // Whatever a client may send.
  // deno-lint-ignore no-explicit-any
  readonly params?: any;
  readonly result?: unknown;
}

/** What is left to do when the message it waits for comes. */
const waiting = new Map<string, (message: Message) => void>();

/** Serves MCP over stdin and stdout until EOF; then gives what `at_eof` asked for, and exits. */
export async function mcp(): Promise<void> {
  for await (const line of inputLines()) {
    const message = parse(line);
    if (Array.isArray(message)) {
      writeJson(message.map((each) => simpleAnswer(each)).filter((each) => each !== null));
    } else if (message !== null) take(message);
  }
  witness("eof");
  await delay(50);
  for (const [key, go] of waiting) if (key.startsWith("eof ")) go({});
}

function parse(line: string): Message | Message[] | null {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function take(message: Message): void {
  if (message.method === undefined) return resume(`answer ${JSON.stringify(message.id)}`, message);
  if (message.method === "notifications/cancelled") {
    return resume(`cancel ${JSON.stringify(message.params?.requestId)}`, message);
  }
  if (message.id === undefined) return;
  if (message.method === "tools/call") return callTool(message);
  writeJson(simpleAnswer(message));
}

function resume(key: string, message: Message): void {
  const go = waiting.get(key);
  waiting.delete(key);
  go?.(message);
}

/** The answer to everything but tools/call; null to a notification. */
function simpleAnswer(message: Message): unknown {
  if (message.id === undefined) return null;
  switch (message.method) {
    case "initialize":
      return answer(message, {
        protocolVersion: message.params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: "fake", version: "1.2.3" },
      });
    case "ping":
      return answer(message, {});
    case "tools/list":
      return answer(message, { tools: TOOLS });
    case "tools/call":
      return answer(message, text(JSON.stringify(message.params?.arguments)));
    default:
      return { jsonrpc: "2.0", id: message.id, error: { code: -32601, message: "Method not found" } };
  }
}

const TOOLS = ["echo", "fail", "broken", "never", "stubborn", "ask", "input", "at_eof", "twice", "wrong_type"]
  .map(
    (name) => ({ name, description: `The tool ${name}`, inputSchema: { type: "object" } }),
  );

function callTool(message: Message): void {
  const { name, arguments: args } = message.params ?? {};
  const id = JSON.stringify(message.id);
  switch (name) {
    case "fail":
      return writeJson(answer(message, { ...text("no such file"), isError: true }));
    case "broken":
      return writeJson({
        jsonrpc: "2.0",
        id: message.id,
        error: { code: -32603, message: "Internal error" },
      });
    case "never":
      return;
    case "stubborn":
      // Answers, though cancelled.
      return void waiting.set(`cancel ${id}`, () => writeJson(answer(message, text("done anyway"))));
    case "ask":
      return ask(message);
    case "input":
      return writeJson(answer(message, inputResult(message.params)));
    case "at_eof":
      return void waiting.set(`eof ${id}`, () => writeJson(answer(message, text("at last"))));
    case "twice":
      writeJson(answer(message, text("first")));
      return writeJson(answer(message, text("second")));
    case "wrong_type":
      // Answers to 5 as "5" before it answers to 5.
      writeJson({ jsonrpc: "2.0", id: String(message.id), result: {} });
      return writeJson(answer(message, text("right")));
    default:
      return writeJson(answer(message, text(JSON.stringify(args))));
  }
}

/** Asks the client, under the very id that the client's own request has, and answers with what it said. */
function ask(message: Message): void {
  writeJson({
    jsonrpc: "2.0",
    id: message.id,
    method: "sampling/createMessage",
    params: { messages: [{ role: "user", content: { type: "text", text: "well?" } }], maxTokens: 10 },
  });
  waiting.set(
    `answer ${JSON.stringify(message.id)}`,
    (said) => writeJson(answer(message, text(JSON.stringify(said.result)))),
  );
}

/** MCP 2026-07-28: asks for input in the result; the client tries again, with a new id, the state and the answers. */
// deno-lint-ignore no-explicit-any
function inputResult(params: any): unknown {
  if (params.inputResponses !== undefined) return { resultType: "complete", ...text("booked") };
  return {
    resultType: "input_required",
    inputRequests: { seat: { method: "elicitation/create", params: { message: "Which seat?" } } },
    requestState: "state-of-the-fake",
  };
}

function answer(message: Message, result: unknown): unknown {
  return { jsonrpc: "2.0", id: message.id, result };
}

function text(value: string): { content: unknown[] } {
  return { content: [{ type: "text", text: value }] };
}
