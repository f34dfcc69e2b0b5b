/** Sessions of a running km serve, as a script uses them: by REST, and by WebSocket. For end-to-end tests. @module */
import assert from "node:assert/strict";
import type { CommandBody, SessionBody } from "../../src/api/sessions/session_schemas.ts";
import { connectSessions, type SessionLink } from "../../src/client/session_socket.ts";
import type { RunningDaemon } from "./daemon.ts";
import { PATIENCE_MS } from "./harness.ts";

/** What km answered. */
export interface Answered<Body> {
  readonly status: number;
  readonly body: Body;
}

/** What km answers when it refuses. */
export interface Refusal {
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

export class SessionCalls {
  readonly #url: string;
  readonly #token: string;

  /** Address and token are read once: a test goes on asking a daemon that is gone. */
  constructor(daemon: Pick<RunningDaemon, "url" | "token">) {
    this.#url = daemon.url;
    this.#token = daemon.token;
  }

  async call<Body>(method: string, path: string, body?: unknown): Promise<Answered<Body & Refusal>> {
    const response = await fetch(this.#url + path, {
      method,
      headers: { Authorization: `Bearer ${this.#token}`, "Content-Type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(2 * PATIENCE_MS),
    });
    const text = await response.text();
    // As: what the caller asked for, or the refusal that every failed answer is.
    return { status: response.status, body: (text === "" ? {} : JSON.parse(text)) as Body & Refusal };
  }

  /** Starts one that must start. */
  async start(options: Readonly<Record<string, unknown>>): Promise<SessionBody> {
    const { status, body } = await this.call<SessionBody>("POST", "/api/sessions", { cwd: "/", ...options });
    assert.equal(status, 201, JSON.stringify(body));
    return body;
  }

  /** Starts a program of one's own, without a name for it in the config. */
  async run(
    command: readonly string[],
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<SessionBody> {
    return await this.start({ provider: "shell", command, ...options });
  }

  async get(id: string): Promise<SessionBody> {
    return await this.#good<SessionBody>("GET", `/api/sessions/${id}`);
  }

  async list(): Promise<readonly SessionBody[]> {
    return (await this.#good<{ sessions: SessionBody[] }>("GET", "/api/sessions?limit=1000")).sessions;
  }

  async send(id: string, command: string, commandId: string): Promise<Answered<Refusal>> {
    return await this.call("POST", `/api/sessions/${id}/input`, { command, id: commandId });
  }

  async keys(id: string, keys: string): Promise<Answered<Refusal>> {
    return await this.call("POST", `/api/sessions/${id}/input`, { keys });
  }

  /** All commands of a session that are remembered, oldest first. */
  async commands(id: string): Promise<CommandBody[]> {
    const commands: CommandBody[] = [];
    for (let cursor = "";;) {
      const path = `/api/sessions/${id}/history?kind=commands&limit=1000${cursor}`;
      const page = await this.#good<{ commands: CommandBody[]; nextCursor: string | null }>("GET", path);
      commands.push(...page.commands);
      if (!page.nextCursor) return commands.reverse();
      cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
    }
  }

  /** Waits for a state; ended sessions count. */
  async wait(id: string, state = "idle", timeoutS = 20): Promise<SessionBody> {
    return await this.#good<SessionBody>(
      "GET",
      `/api/sessions/${id}/wait?state=${state}&timeout=${timeoutS}`,
    );
  }

  async screen(id: string): Promise<string> {
    const { screen } = await this.#good<{ screen: string[] | string }>("GET", `/api/sessions/${id}/screen`);
    return typeof screen === "string" ? screen : screen.join("\n");
  }

  /** What the recording holds: all output as text, and what its markers say. */
  async recording(id: string): Promise<{ readonly text: string; readonly markers: readonly string[] }> {
    const response = await fetch(`${this.#url}/api/sessions/${id}/recording`, {
      headers: { Authorization: `Bearer ${this.#token}` },
    });
    const [_header, ...lines] = (await response.text()).trimEnd().split("\n");
    assert.equal(response.status, 200);
    const events = lines.map((line) => JSON.parse(line) as [number, string, string]); // as: an asciicast's events
    return {
      text: events.filter(([, code]) => code === "o").map(([, , text]) => text).join(""),
      markers: events.filter(([, code]) => code === "m").map(([, , text]) => text),
    };
  }

  async end(id: string): Promise<SessionBody> {
    return await this.#good<SessionBody>("DELETE", `/api/sessions/${id}`);
  }

  /** One WebSocket for all sessions. */
  connect(access: "read" | "write" = "write"): SessionLink {
    return connectSessions({
      url: this.#url.replace(/^http/, "ws") + "/api/ws",
      getToken: () => this.jwt(access),
    });
  }

  async jwt(access: "read" | "write" = "write"): Promise<string> {
    const answer = await this.call<{ token: string }>("POST", "/api/sessions/tokens", { access });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.token;
  }

  async #good<Body>(method: string, path: string): Promise<Body> {
    const { status, body } = await this.call<Body>(method, path);
    assert.equal(status, 200, `${method} ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }
}

/** Collects what a viewer of a session sees: the text behind its first snapshot. */
export class SeenText {
  #text = "";
  readonly #decoder = new TextDecoder();
  #news = Promise.withResolvers<void>();
  bytes = 0;
  snapshots = 0;

  /** For `link.attach`. */
  view(write = false): Parameters<SessionLink["attach"]>[1] {
    return {
      write,
      onSnapshot: (bytes) => {
        this.snapshots++;
        this.#add(bytes);
      },
      onOutput: (bytes) => this.#add(bytes),
      onEvent: () => {},
      onGone: () => {},
    };
  }

  get text(): string {
    return this.#text;
  }

  /** Waits until it shows `text`. */
  async shows(text: string, timeoutMs: number = PATIENCE_MS): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!this.#text.includes(text)) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) {
        throw new Error(
          `waited ${timeoutMs} ms for ${JSON.stringify(text)}; came: ${this.#text.slice(-500)}`,
        );
      }
      let timer: ReturnType<typeof setTimeout> | undefined;
      const tooLong = new Promise<void>((resolve) => timer = setTimeout(resolve, leftMs));
      await Promise.race([this.#news.promise, tooLong]);
      clearTimeout(timer);
    }
  }

  #add(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.#text = (this.#text + this.#decoder.decode(bytes, { stream: true })).slice(-1_000_000);
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }
}
