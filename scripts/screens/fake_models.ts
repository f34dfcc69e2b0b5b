/**
 * Stands in for the companies' models, so that agents get as far as work and questions without an account: what the last message of the user says
 * decides what "the model" does. `wait`: begins to answer and never ends. `run`: wants to run `touch made`. `edit`: wants to write a file.
 * @module
 */

type Json = Readonly<Record<string, unknown>>;
type Wish = "wait" | "run" | "edit" | "say";

export interface FakeModels extends AsyncDisposable {
  readonly url: string;
}

/** Serves the three APIs on a free port of this machine. */
export function serveFakeModels(): FakeModels {
  const held = new AbortController();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => answer(request, held.signal),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      held.abort();
      await server.shutdown();
    },
  };
}

async function answer(request: Request, held: AbortSignal): Promise<Response> {
  const { pathname } = new URL(request.url);
  const text = await request.text();
  if (Deno.args.includes("--trace")) {
    await Deno.stderr.write(
      new TextEncoder().encode(`${request.method} ${pathname} ${text.slice(0, 300)}\n`),
    );
  }
  if (request.method !== "POST") return Response.json({});
  const body: Json = JSON.parse(text || "{}");
  if (pathname.endsWith("/messages")) return anthropic(body, held);
  if (pathname.endsWith("/responses")) return openai(body, held);
  if (pathname.includes(":streamGenerateContent")) return gemini(body, held);
  if (pathname.includes(":generateContent")) return Response.json(geminiTurn([{ text: "{}" }]));
  if (pathname.endsWith("count_tokens")) return Response.json({ input_tokens: 9 });
  return Response.json({});
}

/** What the user wants by what they said last; an answer of a tool wants nothing. */
function wishOf(messages: unknown): Wish {
  const all: Json[] = Array.isArray(messages) ? messages : [];
  // Agents add messages of their own behind the user's.
  const last = JSON.stringify(
    all.slice(all.findLastIndex(({ role }) => role === "assistant" || role === "model") + 1),
  );
  if (/tool_result|function_call_output|functionResponse/.test(last)) return "say";
  return (["wait", "run", "edit"] as const).find((wish) => last.includes(`please ${wish}`)) ?? "say";
}

/** Server-sent events; with `holds`, the answer stays open. */
function events(list: readonly Json[], holds: boolean, held: AbortSignal): Response {
  const lines = list.map((event) =>
    `${typeof event["type"] === "string" ? `event: ${event["type"]}\n` : ""}data: ${
      JSON.stringify(event)
    }\n\n`
  );
  const gone = new AbortController();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(lines.join("")));
      if (!holds) controller.close();
      else held.addEventListener("abort", () => controller.close(), { signal: gone.signal });
    },
    cancel: () => gone.abort(),
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

function anthropic(body: Json, held: AbortSignal): Response {
  const wish = Array.isArray(body["tools"]) && body["tools"].length > 3 ? wishOf(body["messages"]) : "say";
  const usage = { input_tokens: 9, output_tokens: 9 };
  const message = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: body["model"],
    content: [],
    usage,
  };
  if (body["stream"] !== true) {
    return Response.json({ ...message, content: [{ type: "text", text: "{}" }], stop_reason: "end_turn" });
  }
  const tool = wish === "run"
    ? { name: "Bash", input: { command: "touch made", description: "Make a file" } }
    : { name: "Write", input: { file_path: `${Deno.cwd()}/made`, content: "made\n" } };
  const isTool = wish === "run" || wish === "edit";
  const block = isTool
    ? { type: "tool_use", id: "toolu_1", name: tool.name, input: {} }
    : { type: "text", text: "" };
  const delta = isTool
    ? {
      type: "input_json_delta",
      partial_json: JSON.stringify(
        wish === "edit" ? { ...tool.input, file_path: "/home/me/project/made" } : tool.input,
      ),
    }
    : { type: "text_delta", text: "Hello from the model." };
  const begin = [
    { type: "message_start", message },
    { type: "content_block_start", index: 0, content_block: block },
    { type: "content_block_delta", index: 0, delta },
  ];
  const end = [
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: isTool ? "tool_use" : "end_turn" }, usage },
    { type: "message_stop" },
  ];
  return events(wish === "wait" ? begin.slice(0, 1) : [...begin, ...end], wish === "wait", held);
}

function openai(body: Json, held: AbortSignal): Response {
  const wish = wishOf(body["input"]);
  const begin = { type: "response.created", response: { id: "resp_1" } };
  const tools = JSON.stringify(body["tools"] ?? []);
  const run = tools.includes('"exec_command"')
    ? {
      name: "exec_command",
      arguments: JSON.stringify({
        cmd: "touch made",
        sandbox_permissions: "require_escalated",
        justification: "Do you want to make a file?",
      }),
    }
    : {
      name: "shell_command",
      arguments: JSON.stringify({
        command: "touch made",
        sandbox_permissions: "require_escalated",
        justification: "Do you want to make a file?",
      }),
    };
  const item = wish === "run" ? { type: "function_call", id: "fc_1", call_id: "call_1", ...run } : {
    type: "message",
    role: "assistant",
    id: "m_1",
    content: [{ type: "output_text", text: "Hello from the model." }],
  };
  const usage = {
    input_tokens: 9,
    input_tokens_details: null,
    output_tokens: 9,
    output_tokens_details: null,
    total_tokens: 18,
  };
  const end = [
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response: { id: "resp_1", usage } },
  ];
  return events(wish === "wait" ? [begin] : [begin, ...end], wish === "wait", held);
}

function geminiTurn(parts: readonly Json[]): Json {
  return {
    candidates: [{ content: { role: "model", parts }, finishReason: "STOP", index: 0 }],
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 9, totalTokenCount: 18 },
  };
}

function gemini(body: Json, held: AbortSignal): Response {
  const wish = body["tools"] === undefined ? "say" : wishOf(body["contents"]);
  const call = {
    functionCall: { name: "run_shell_command", args: { command: "touch made", description: "Make a file" } },
  };
  const parts = wish === "run" ? [call] : [{ text: "Hello from the model." }];
  return events(wish === "wait" ? [] : [geminiTurn(parts)], wish === "wait", held);
}
