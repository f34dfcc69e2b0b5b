/**
 * A small MCP server over stdio, without dependencies: a box of notes. `km demo` drives it, and `km demo --serve` is it, for trying km
 * in a client of one's own. It speaks protocol 2025-11-25 and answers older clients in their own version.
 * @module
 */

import { VERSION } from "../commands/version.ts";

const PROTOCOL_VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
const PARSE_ERROR = -32700;
const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;

/** How long `build_index` takes, in ms: long enough to stand out in the statistics. */
const SLOW_MS = 600;
/** Bytes that `export_notes` answers. */
const LARGE_BYTES = 300_000;

/** Reads lines of JSON-RPC and says what the answers are. */
export interface Streams {
  readonly input: ReadableStream<Uint8Array>;
  /** Writes one line. */
  readonly send: (line: string) => void;
  /** Writes a line of log. */
  readonly log: (line: string) => void;
}

/** Serves until the input ends. */
export async function serveSample({ input, send, log }: Streams): Promise<void> {
  log("notes server ready: 3 notes loaded");
  const running = new Set<Promise<void>>();
  for await (const line of lines(input)) {
    const answering = answer(line, log).then((message) => {
      if (message !== undefined) send(JSON.stringify(message));
    });
    running.add(answering);
    void answering.finally(() => running.delete(answering));
  }
  await Promise.all(running);
}

interface Tool {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly run: (args: Readonly<Record<string, unknown>>) => ToolResult | Promise<ToolResult>;
}

interface ToolResult {
  readonly content: readonly { readonly type: "text"; readonly text: string }[];
  readonly isError?: boolean;
}

const NOTES: Readonly<Record<string, string>> = {
  "shopping": "Coffee, bread, a new filter for the kettle",
  "meeting": "Ask how many tools the agent really uses",
  "idea": "Measure the waiting time of every call before guessing",
};

const TOOLS: readonly Tool[] = [
  {
    name: "search_notes",
    description:
      "Find notes that contain a word. Returns the titles of the matching notes and the line that matched.",
    parameters: { query: "The word to look for; case does not matter" },
    run: ({ query }) => {
      const word = String(query).toLowerCase();
      const found = Object.entries(NOTES).filter(([, note]) => note.toLowerCase().includes(word));
      return text(
        found.map(([title, note]) => `${title}: ${note}`).join("\n") || "No note contains that word.",
      );
    },
  },
  {
    name: "build_index",
    description: "Build the search index anew. Takes a while.",
    parameters: {},
    run: async () => {
      await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
      return text("Indexed 3 notes.");
    },
  },
  {
    name: "delete_note",
    description: "Delete a note by its title. Cannot be undone.",
    parameters: { title: "The title of the note" },
    run: ({ title }) => ({ ...text(`There is no note called "${title}".`), isError: true }),
  },
  {
    name: "export_notes",
    description: "Return all notes, with their whole history, as one text.",
    parameters: {},
    run: () => text("Measure the waiting time of every call before guessing. ".repeat(LARGE_BYTES / 56)),
  },
  {
    name: "connect_account",
    description: "Connect a GitHub account, so that notes can be kept in a repository.",
    parameters: { token: "A personal access token with the scope repo" },
    run: () => text("Connected."),
  },
  {
    name: "translate_note",
    description:
      "Translate a note into another language and keep both versions side by side. The translation keeps headings, " +
      "lists and links. Supported languages: English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Japanese.",
    parameters: {
      title: "The title of the note",
      language: "The language to translate into, as its English name",
    },
    run: () => text("Translated."),
  },
];

async function answer(line: string, log: (line: string) => void): Promise<unknown> {
  const message = parse(line);
  if (message === undefined) return failure(null, PARSE_ERROR, "Parse error");
  const { id, method, params = {} } = message;
  if (id === undefined || method === undefined) return undefined; // a notification, or an answer to nothing we asked
  switch (method) {
    case "initialize":
      return success(id, initializeResult(params["protocolVersion"]));
    case "ping":
      return success(id, {});
    case "tools/list":
      return success(id, { tools: TOOLS.map(definition) });
    case "tools/call": {
      const tool = TOOLS.find((tool) => tool.name === params["name"]);
      if (!tool) return failure(id, INVALID_PARAMS, `Unknown tool: ${params["name"]}`);
      const result = await tool.run((params["arguments"] ?? {}) as Record<string, unknown>);
      if (result.isError) log(`${tool.name} failed`);
      return success(id, result);
    }
    default:
      return failure(id, METHOD_NOT_FOUND, "Method not found");
  }
}

function initializeResult(asked: unknown): Record<string, unknown> {
  const protocolVersion = PROTOCOL_VERSIONS.find((version) => version === asked) ?? PROTOCOL_VERSIONS[0];
  return {
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "km-sample-notes", title: "Sample notes", version: VERSION },
  };
}

function definition(tool: Tool): Record<string, unknown> {
  const properties = Object.fromEntries(
    Object.entries(tool.parameters).map(([name, description]) => [name, { type: "string", description }]),
  );
  return {
    name: tool.name,
    description: tool.description,
    inputSchema: { type: "object", properties, required: Object.keys(tool.parameters) },
  };
}

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

function parse(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function text(text: string): ToolResult {
  return { content: [{ type: "text", text }] };
}

function success(id: string | number, result: unknown): unknown {
  return { jsonrpc: "2.0", id, result };
}

function failure(id: string | number | null, code: number, message: string): unknown {
  return { jsonrpc: "2.0", id, error: { code, message } };
}

/** Yields the lines of a byte stream that are not blank. */
export async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) if (part.trim() !== "") yield part;
  }
  if (rest.trim() !== "") yield rest;
}
