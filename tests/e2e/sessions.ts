/** A km serve with sessions, and clients of its WebSockets that see every message, for end-to-end tests. @module */
import type { SessionBody } from "../../src/api/sessions/session_schemas.ts";
import {
  type BinaryFrame,
  decodeFrame,
  encodeFrame,
  FRAME,
  type SessionMessage,
} from "../../src/core/session_wire.ts";
import { RunningDaemon } from "./daemon.ts";
import { runKm, type RunOptions, until } from "./harness.ts";

export type Data = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  // deno-lint-ignore no-explicit-any -- what an answer holds is what its test looks at
  readonly body: any;
}

export class SessionsDaemon implements AsyncDisposable {
  readonly daemon: RunningDaemon;
  /** All that was answered, to look for secrets in it. */
  readonly answers: string[] = [];

  private constructor(daemon: RunningDaemon) {
    this.daemon = daemon;
  }

  static async start(options: Partial<RunOptions> = {}): Promise<SessionsDaemon> {
    return new SessionsDaemon(await RunningDaemon.start(["--also", "off"], options));
  }

  get url(): string {
    return this.daemon.url;
  }

  get socketUrl(): string {
    return this.url.replace(/^http/, "ws");
  }

  async key(name: string, scope: string): Promise<string> {
    return (await runKm(["keys", "add", name, "--scope", scope], { home: this.daemon.home })).out.trim();
  }

  async ask(method: string, path: string, body?: unknown, credential = this.daemon.token): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: { Authorization: `Bearer ${credential}`, "Content-Type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    this.answers.push(text);
    const isJson = response.headers.get("Content-Type")?.startsWith("application/json") ?? false;
    return { status: response.status, body: isJson ? JSON.parse(text) : text };
  }

  /** Starts a program of our own. */
  async run(command: readonly string[], more: Data = {}): Promise<SessionBody> {
    const { status, body } = await this.ask("POST", "/api/sessions", {
      provider: "shell",
      command,
      cwd: this.daemon.home,
      size: { cols: 80, rows: 24 },
      ...more,
    });
    if (status !== 201) throw new Error(`start: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** What `command` prints goes back as it came: no echo, no line discipline. */
  async runCat(): Promise<SessionBody> {
    const session = await this.run(["/bin/sh", "-c", "stty raw -echo; printf ready; exec cat"]);
    await this.untilScreen(session.number, "ready");
    return session;
  }

  async untilScreen(ref: number | string, text: string): Promise<void> {
    await until(async () => {
      const { body } = await this.ask("GET", `/api/sessions/${ref}/screen`);
      return JSON.stringify(body.screen).includes(text);
    }, `${text} on the screen`);
  }

  /** A JWT. */
  async token(
    access: "read" | "write" = "write",
    sessions: readonly string[] | null = null,
    credential?: string,
  ): Promise<string> {
    const { status, body } = await this.ask("POST", "/api/sessions/tokens", { access, sessions }, credential);
    if (status !== 201) throw new Error(`token: ${status} ${JSON.stringify(body)}`);
    return String(body.token);
  }

  /** An authenticated socket. */
  async socket(
    { access = "write" as "read" | "write", clientId = crypto.randomUUID() as string, path = "/api/ws" } = {},
  ): Promise<SocketClient> {
    const client = await SocketClient.open(`${this.socketUrl}${path}`);
    await client.authenticate(await this.token(access), clientId);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.daemon[Symbol.asyncDispose]();
  }
}

/** What was refused over a socket. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/** A socket whose every message is kept. */
export class SocketClient implements Disposable {
  readonly socket: WebSocket;
  readonly messages: SessionMessage[] = [];
  readonly frames: BinaryFrame[] = [];
  /** How it was closed; null: it is open. */
  closed: { readonly code: number; readonly reason: string } | null = null;
  #sent = 0;

  constructor(url: string, headers: Record<string, string> = {}) {
    // As: Deno takes headers too, which the DOM's types do not know.
    this.socket = new WebSocket(url, { headers } as unknown as string[]);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.messages.push(JSON.parse(data));
      else this.frames.push(decodeFrame(new Uint8Array(data)) as BinaryFrame); // as: the server sends frames
    };
    this.socket.onclose = ({ code, reason }) => this.closed = { code, reason };
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<SocketClient> {
    const client = new SocketClient(url, headers);
    await until(() => client.socket.readyState !== WebSocket.CONNECTING, "the socket to open");
    return client;
  }

  async authenticate(token: string, clientId?: string): Promise<Data> {
    return await this.answerTo({
      type: "auth",
      data: { token, ...(clientId !== undefined && { client_id: clientId }) },
    });
  }

  /** Sends a command and waits for its answer. @throws {Refused} */
  async command(data: Data, sessionId?: string, messageId?: string): Promise<Data> {
    return await this.answerTo({
      type: "command",
      data,
      ...(sessionId !== undefined && { session_id: sessionId }),
      ...(messageId !== undefined && { message_id: messageId }),
    });
  }

  async answerTo(message: SessionMessage): Promise<Data> {
    const id = message.message_id ?? `m-${++this.#sent}-${crypto.randomUUID()}`;
    const from = this.messages.length;
    this.send({ ...message, message_id: id });
    const find = () => this.messages.slice(from).find(({ data }) => data?.["ack"] === id);
    await until(
      () => find() !== undefined || this.closed !== null,
      () => `an answer to ${JSON.stringify(message)}`,
    );
    const answer = find();
    if (!answer) throw new Refused(String(this.closed?.code), `closed: ${this.closed?.reason}`);
    const data = answer.data ?? {};
    if (answer.type === "error") throw new Refused(String(data["code"]), String(data["message"]));
    return data;
  }

  send(message: SessionMessage | Data): void {
    this.socket.send(JSON.stringify(message));
  }

  type(number: number, seq: number, text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.socket.send(encodeFrame({ type: FRAME.input, session: number, seq, bytes }));
  }

  /** What came of a session since the last snapshot, without that. */
  output(number: number): string {
    const own = this.frames.filter(({ session, type }) => session === number && type === FRAME.output);
    return new TextDecoder().decode(Uint8Array.from(own.flatMap(({ bytes }) => [...bytes])));
  }

  /** Events of one kind. */
  events(event: string, sessionId?: string): Data[] {
    return this.messages.filter(({ data, session_id }) =>
      data?.["event"] === event && (sessionId === undefined || session_id === sessionId)
    ).map(({ data }) => data ?? {});
  }

  async untilOutput(number: number, text: string): Promise<void> {
    await until(
      () => this.output(number).includes(text),
      () => `${text}; came: ${this.output(number).slice(-500)}`,
    );
  }

  async untilClosed(): Promise<{ readonly code: number; readonly reason: string }> {
    await until(() => this.closed !== null, "the socket to be closed");
    return this.closed ?? { code: 0, reason: "" };
  }

  /** Closes it, and waits for that. */
  async end(): Promise<void> {
    this.socket.close();
    await this.untilClosed();
  }

  [Symbol.dispose](): void {
    if (this.socket.readyState <= WebSocket.OPEN) this.socket.close();
  }
}
