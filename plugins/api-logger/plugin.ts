/**
 * Sends every message to an API of yours, in batches. What cannot be delivered is tried again, later and later; what no longer fits, or is refused,
 * is counted and said.
 * @module
 */
import { type ConfigOf, type Context, definePlugin, type Message } from "../sdk/mod.ts";

/** The variable that holds the secret, when it is granted. */
const SECRET_VARIABLE = "API_LOGGER_TOKEN";

const CONFIG_SCHEMA = {
  type: "object",
  properties: {
    url: { type: "string", description: "Where to send: https, and a host that was granted" },
    header: { type: "string", default: "authorization", description: "Header that carries the secret" },
    headerValue: { type: "string", default: "Bearer {}", description: "Its value, with {} for the secret" },
    batchMessages: {
      type: "integer",
      minimum: 1,
      maximum: 1000,
      default: 50,
      description: "Most of one request",
    },
    batchMs: {
      type: "integer",
      minimum: 0,
      default: 1000,
      description: "How long a message waits for others, in ms",
    },
    bufferMessages: {
      type: "integer",
      minimum: 1,
      default: 2000,
      description: "Most that wait; then the oldest go",
    },
    attempts: { type: "integer", minimum: 1, default: 6, description: "How often a batch is tried" },
    insecureHttp: {
      type: "boolean",
      default: false,
      description: "Accept http, where everybody can read along",
    },
  },
  required: ["url"],
  additionalProperties: false,
} as const;
type Config = ConfigOf<typeof CONFIG_SCHEMA>;

const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 30_000;
const REQUEST_MS = 10_000;
/** What a shutdown may still take. */
const LAST_MS = 1000;
/** Bytes of messages that wait: as much again as km's own queue would be too much for the sandbox. */
const MAX_BUFFER_BYTES = 8 * 1024 * 1024;
/** What a message costs beside its payload. */
const MESSAGE_OVERHEAD_BYTES = 512;

/** One message as it is sent. */
type Sent = Readonly<Record<string, unknown>>;

/** What the delivery needs of the world: replaced in tests. */
export interface World {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Calls back after `ms`; returns what cancels it. */
  after(ms: number, then: () => void): () => void;
  /** 0 to 1. */
  random(): number;
  say(level: "info" | "warning" | "error", text: string): void;
  /** Totals since the start. */
  count(delivered: number, lost: number): void;
}

/** Where to send, completely. */
export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly batchMessages: number;
  readonly batchMs: number;
  readonly bufferMessages: number;
  readonly attempts: number;
}

/** The configuration and the secret as a target. @throws {Error} that says what is wrong with them */
export function targetOf(config: Config, secret: string | undefined): Target {
  const url = URL.parse(config.url);
  if (url === null) throw new Error(`"url" must be an address like https://api.example.com/messages`);
  if (url.protocol !== "https:" && !(config.insecureHttp && url.protocol === "http:")) {
    throw new Error('"url" must begin with https://');
  }
  if (url.username !== "" || url.password !== "") throw new Error(`"url" must not hold a password`);
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (secret) headers[config.header] = config.headerValue.replace("{}", () => secret);
  const { batchMessages, batchMs, bufferMessages, attempts } = config;
  return { url: url.href, headers, batchMessages, batchMs, bufferMessages, attempts };
}

/** Messages on their way: bounded, in order, one request at a time. */
export class Delivery {
  readonly #target: Target;
  readonly #world: World;
  readonly #waiting: { readonly message: Sent; readonly bytes: number }[] = [];
  #waitingBytes = 0;
  #cancelTimer: (() => void) | null = null;
  #sending: Promise<void> | null = null;
  #failures = 0;
  #closed = false;
  delivered = 0;
  lost = 0;

  constructor(target: Target, world: World) {
    this.#target = target;
    this.#world = world;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes a message; the oldest goes when there are too many. */
  add(message: Sent, bytes: number): void {
    this.#waiting.push({ message, bytes });
    this.#waitingBytes += bytes;
    let dropped = 0;
    while (this.#waiting.length > this.#target.bufferMessages || this.#waitingBytes > MAX_BUFFER_BYTES) {
      this.#take(1);
      dropped++;
    }
    if (dropped > 0) this.#lose(dropped, "more came than could be sent");
    if (this.#sending !== null || this.#failures > 0) return;
    if (this.#waiting.length >= this.#target.batchMessages) this.#start();
    else this.#cancelTimer ??= this.#world.after(this.#target.batchMs, () => this.#start());
  }

  /** Sends what waits once more, and gives up what is left. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopTimer();
    const late = Promise.withResolvers<void>();
    const cancel = this.#world.after(LAST_MS, () => late.resolve());
    const rest = async () => {
      await this.#sending;
      if (this.#failures === 0) await this.#sendAll();
    };
    await Promise.race([rest(), late.promise]);
    cancel();
    const left = this.#take(this.#waiting.length);
    if (left.length > 0) this.#lose(left.length, "the plugin was stopped");
  }

  #start(): void {
    this.#stopTimer();
    this.#sending ??= this.#sendAll().finally(() => this.#sending = null);
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, this.#target.batchMessages).map(({ message }) => message);
      const answer = await this.#send(batch);
      if (answer.kind === "again") return this.#tryLater(batch, answer);
      this.#failures = 0;
      // What came in the meantime may have pushed some of the batch out: those are counted as lost already.
      const left = this.#take(this.#stillFirst(batch));
      if (answer.kind === "refused") this.#lose(left.length, answer.why);
      else this.#deliver(left.length);
    }
    this.#failures = 0;
  }

  /** How many of `batch` still wait: always at the front. */
  #stillFirst(batch: readonly Sent[]): number {
    const first = this.#waiting[0]?.message;
    const at = first === undefined ? -1 : batch.indexOf(first);
    return at < 0 ? 0 : batch.length - at;
  }

  #tryLater(batch: readonly Sent[], { why, waitMs }: { why: string; waitMs: number | null }): void {
    this.#failures++;
    if (this.#failures === 1) this.#world.say("warning", `not delivered, trying again: ${why}`);
    if (this.#failures >= this.#target.attempts) {
      // The next batch waits as long as after a first failure.
      this.#failures = 1;
      this.#lose(this.#take(this.#stillFirst(batch)).length, `${why} (${this.#target.attempts} attempts)`);
    }
    if (this.#closed) return;
    const grown = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 1));
    const wait = waitMs ?? grown * (0.5 + this.#world.random() / 2);
    this.#cancelTimer = this.#world.after(wait, () => this.#start());
  }

  async #send(batch: readonly Sent[]): Promise<Answer> {
    try {
      const response = await this.#world.fetch(this.#target.url, {
        method: "POST",
        headers: this.#target.headers,
        body: JSON.stringify({ messages: batch }),
        // An address that sends on to another would be given the secret, too.
        redirect: "manual",
        signal: AbortSignal.timeout(REQUEST_MS),
      });
      await response.body?.cancel();
      return answerOf(response);
    } catch (error) {
      const { name, message, cause } = error as Error;
      // Without the grant no later attempt can do better.
      if (name === "NotCapable" || name === "PermissionDenied") return { kind: "refused", why: message };
      const why = cause instanceof Error ? `${message}: ${cause.message}` : message;
      return { kind: "again", why, waitMs: null };
    }
  }

  #take(count: number): Sent[] {
    const taken = this.#waiting.splice(0, count);
    for (const { bytes } of taken) this.#waitingBytes -= bytes;
    return taken.map(({ message }) => message);
  }

  #deliver(count: number): void {
    if (count === 0) return;
    this.delivered += count;
    this.#world.count(this.delivered, this.lost);
  }

  #lose(count: number, why: string): void {
    if (count === 0) return;
    this.lost += count;
    this.#world.say(
      "error",
      `${count} ${count === 1 ? "message" : "messages"} lost (${this.lost} in all): ${why}`,
    );
    this.#world.count(this.delivered, this.lost);
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}

type Answer =
  | { readonly kind: "delivered" }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "again"; readonly why: string; readonly waitMs: number | null };

function answerOf({ ok, status, headers }: Response): Answer {
  if (ok) return { kind: "delivered" };
  const why = `the API answered ${status}`;
  if (status !== 408 && status !== 429 && status < 500) return { kind: "refused", why };
  const seconds = Number(headers.get("retry-after") ?? NaN);
  const waitMs = Number.isFinite(seconds) && seconds >= 0 ? Math.min(60_000, seconds * 1000) : null;
  return { kind: "again", why, waitMs };
}

/** A message as it is sent: what is known of it, and its payload where the grant allows one. */
function sentOf(message: Message): Sent {
  const { correlationId, direction, event, data } = message;
  const payload = data.length === 0
    ? null
    : event.format === "json" && !event.truncated
    ? message.json()
    : event.format === "bytes"
    ? { base64: btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join("")) }
    : message.text();
  return { ...event, time: new Date(event.timeUs / 1000).toISOString(), correlationId, direction, payload };
}

function worldOf(km: Context<Config>): World {
  return {
    fetch: (url, init) => fetch(url, init),
    after: (ms, then) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
    random: Math.random,
    say: (level, text) => km.log[level](text),
    count: (delivered, lost) => {
      km.emit.metric({ name: "delivered", value: delivered, unit: "1" });
      km.emit.metric({ name: "lost", value: lost, unit: "1" });
    },
  };
}

/** Undefined when the variable is not granted or not set. */
function secret(): string | undefined {
  try {
    return Deno.env.get(SECRET_VARIABLE);
  } catch {
    return undefined;
  }
}

let delivery: Delivery | null = null;

export default definePlugin({
  name: "api-logger",
  version: "1.0.0",
  configSchema: CONFIG_SCHEMA,
  onMessage(message, context) {
    delivery ??= new Delivery(targetOf(context.config, secret()), worldOf(context));
    delivery.add(sentOf(message), message.data.length + MESSAGE_OVERHEAD_BYTES);
  },
  onError({ code, message }, { log }) {
    log.error(`${code}: ${message}`);
  },
  async onShutdown() {
    await delivery?.close();
  },
});
