/** Made-up MCP traffic that looks like the real thing, from a seed, for the store's bench. @module */
import type { Batch, CallChange, EventRecord, Outcome, Run } from "../../src/core/event.ts";
import { IdMaker } from "../../src/core/id.ts";
import { randomFrom } from "../../src/store/testing.ts";

const SERVERS = [
  "filesystem",
  "github",
  "memory",
  "postgres",
  "playwright",
  "slack",
  "fetch",
  "git",
  "time",
  "sentry",
];
const VERBS = ["read", "list", "search", "create", "update", "get", "delete", "move"];
const NOUNS = ["file", "issue", "entity", "table", "page", "message", "branch", "event"];
const WORDS =
  `the quick import function returns value error config server client request handler user project module test build path line
   index search result open close branch commit merge review issue comment label status failed passed warning deprecated version update
   install package build cache timeout connection refused retry token stream buffer thread process memory usage limit page query table
   column row insert select update delete where join order group schema migration rollback transaction lock deadlock replica`
    .split(/\s+/);
const ENCODER = new TextEncoder();
/** Different exchanges per server, made in advance, so that making them is not measured. */
const POOL = 2000;
/** Tools per server; a few of them get most of the calls. */
const TOOLS = 10;

export interface TrafficOptions {
  /** Time of the first event, in µs since the Unix epoch. */
  readonly startUs: number;
  /** Time from one event to the next, in µs. */
  readonly stepUs: number;
  /** Smallest and largest text of a response, in bytes; sizes between are equally likely on a logarithmic scale. */
  readonly responseBytes?: readonly [number, number];
  /** Events of a run before the next one begins. */
  readonly eventsPerRun?: number;
  /** Whether each run begins with a list of tools (8 KB, always the same for one server). */
  readonly listsTools?: boolean;
}

interface Exchange {
  readonly method: string;
  readonly tool: string | null;
  readonly request: Uint8Array;
  readonly response: Uint8Array;
  readonly outcome: Outcome;
  readonly durationUs: number;
}

/** Gives batches, on and on. */
export class Traffic {
  readonly #options: Required<TrafficOptions>;
  readonly #ids = new IdMaker();
  readonly #random = randomFrom(42);
  readonly #pools: ReadonlyMap<string, readonly Exchange[]>;
  #timeUs: number;
  #next = 0;
  #run: Run;
  #leftInRun = 0;
  #isNewRun = true;
  /** Bytes of the payloads given so far. */
  rawBytes = 0;

  constructor(options: TrafficOptions) {
    this.#options = { responseBytes: [350, 1700], eventsPerRun: 5000, listsTools: false, ...options };
    this.#timeUs = options.startUs;
    this.#pools = new Map(
      SERVERS.map((server) => [server, makePool(this.#random, this.#options.responseBytes)]),
    );
    this.#run = this.#newRun();
  }

  /** A batch of `pairs` requests with their responses. */
  batch(pairs: number): Batch & { readonly events: EventRecord[]; readonly calls: CallChange[] } {
    if (this.#leftInRun <= 0) this.#run = this.#newRun();
    this.#leftInRun -= pairs * 2;
    const events: EventRecord[] = [];
    const calls: CallChange[] = [];
    if (this.#isNewRun && this.#options.listsTools) this.#addPair(events, calls, listTools(this.#run.server));
    this.#isNewRun = false;
    for (let i = 0; i < pairs; i++) this.#addPair(events, calls, this.#pick());
    return { run: this.#run, events, calls, tools: [] };
  }

  /** A batch whose last call uses a tool and a word that nothing else does. */
  rareBatch(pairs: number, tool: string, word: string): Batch {
    const batch = this.batch(pairs - 1);
    const text = ENCODER.encode(
      JSON.stringify({ result: { content: [{ type: "text", text: `the ${word} is here` }] } }),
    );
    this.#addPair(batch.events, batch.calls, {
      ...this.#pick(),
      tool,
      response: text,
    });
    return batch;
  }

  #pick(): Exchange {
    const pool = this.#pools.get(this.#run.server) as readonly Exchange[];
    return pool[this.#next % pool.length] as Exchange;
  }

  #addPair(events: EventRecord[], calls: CallChange[], exchange: Exchange): void {
    this.#next++;
    const rpcId = String(this.#next);
    const request = this.#event("request", exchange, exchange.request, rpcId);
    const response = {
      ...this.#event("response", exchange, exchange.response, rpcId),
      answersId: request.id,
      durationUs: exchange.durationUs,
    };
    events.push(request, response);
    calls.push({
      id: request.id,
      timeUs: request.timeUs,
      direction: "client_to_server",
      method: exchange.method,
      tool: exchange.tool,
      client: "claude-code",
      previous: null,
      outcome: exchange.outcome,
      responseId: response.id,
      durationUs: exchange.durationUs,
      requestBytes: request.sizeBytes,
      responseBytes: response.sizeBytes,
      tokens: response.sizeBytes >> 2,
      operationId: null,
    });
  }

  #event(kind: "request" | "response", exchange: Exchange, payload: Uint8Array, rpcId: string): EventRecord {
    this.#timeUs += this.#options.stepUs;
    this.rawBytes += payload.length;
    return {
      id: this.#ids.next(this.#timeUs),
      timeUs: this.#timeUs,
      direction: kind === "request" ? "client_to_server" : "server_to_client",
      kind,
      method: exchange.method,
      tool: exchange.tool,
      rpcId,
      sizeBytes: payload.length,
      truncated: false,
      sha256: null,
      format: "json",
      payload,
      answersId: null,
      durationUs: null,
    };
  }

  #newRun(): Run {
    this.#isNewRun = true;
    this.#leftInRun = this.#options.eventsPerRun;
    const server = SERVERS[Math.floor(this.#random() * SERVERS.length)] as string;
    return {
      correlationId: this.#ids.next(this.#timeUs),
      server,
      command: JSON.stringify(["npx", "-y", `@modelcontextprotocol/server-${server}`]),
      cwd: null,
      pid: 4242,
      startedUs: this.#timeUs,
      endedUs: null,
      exitCode: null,
      client: "claude-code",
      clientVersion: "2.0.1",
      serverTitle: server,
      serverVersion: "1.0.0",
      protocolVersion: "2025-11-25",
    };
  }
}

/** About `bytes` bytes of text as tools give it: words, paths, numbers, ids, line ends. */
export function makeText(random: () => number, bytes: number): string {
  const parts: string[] = [];
  for (let length = 0; length < bytes;) {
    const part = makePart(random);
    parts.push(part);
    length += part.length + 1;
  }
  return parts.join(" ");
}

function makePart(random: () => number): string {
  const kind = random();
  const number = Math.floor(random() * 1e9);
  if (kind < 0.04) {
    return `src/${pick(random, WORDS)}/${pick(random, WORDS)}_${number % 97}.ts:${number % 900}\n`;
  }
  if (kind < 0.07) return number.toString(16);
  if (kind < 0.1) return String(number % 10_000);
  if (kind < 0.12) return `2026-11-${10 + number % 18}T${10 + number % 13}:${10 + number % 49}:00Z`;
  return pick(random, WORDS);
}

function makePool(random: () => number, responseBytes: readonly [number, number]): Exchange[] {
  const tools = Array.from({ length: TOOLS }, () => `${pick(random, VERBS)}_${pick(random, NOUNS)}`);
  return Array.from({ length: POOL }, (_, i) => {
    const tool = tools[Math.floor(random() ** 2 * TOOLS)] as string;
    return makeExchange(random, i, tool, responseBytes);
  });
}

function makeExchange(
  random: () => number,
  i: number,
  tool: string,
  responseBytes: readonly [number, number],
): Exchange {
  const failed = random() < 0.03;
  const args = {
    path: `/home/dev/projects/${pick(random, WORDS)}/${pick(random, WORDS)}.ts`,
    query: makeText(random, 60),
    limit: Math.floor(random() * 100),
  };
  const meta = { progressToken: i };
  const request = {
    method: "tools/call",
    params: { name: tool, arguments: args, _meta: meta },
    jsonrpc: "2.0",
    id: i,
  };
  const [least, most] = responseBytes;
  const text = makeText(random, least * (most / least) ** random());
  const result = { content: [{ type: "text", text }], ...(failed ? { isError: true } : {}) };
  return {
    method: "tools/call",
    tool,
    request: ENCODER.encode(JSON.stringify(request)),
    response: ENCODER.encode(JSON.stringify({ result, jsonrpc: "2.0", id: i })),
    outcome: failed ? "tool_error" : "ok",
    durationUs: Math.floor(500 / (random() + 0.001)),
  };
}

/** The list is made from the server's name alone, so that it is the same every time, as a real one is. */
function listTools(server: string): Exchange {
  const random = randomFrom(server.length * 31 + server.charCodeAt(0));
  const tools = Array.from({ length: 14 }, () => ({
    name: `${pick(random, VERBS)}_${pick(random, NOUNS)}`,
    description: makeText(random, 250),
    inputSchema: {
      type: "object",
      properties: {
        path: { type: "string", description: makeText(random, 60) },
        limit: { type: "integer", minimum: 1 },
      },
      required: ["path"],
      additionalProperties: false,
      $schema: "http://json-schema.org/draft-07/schema#",
    },
  }));
  return {
    method: "tools/list",
    tool: null,
    request: ENCODER.encode(JSON.stringify({ method: "tools/list", jsonrpc: "2.0", id: 1 })),
    response: ENCODER.encode(JSON.stringify({ result: { tools }, jsonrpc: "2.0", id: 1 })),
    outcome: "ok",
    durationUs: 3000,
  };
}

function pick<T>(random: () => number, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}
