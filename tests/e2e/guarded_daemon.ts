/** A km serve for tests of its guard: requests to it by hand, byte for byte, with its token, keys and cookies. @module */
import { RunningDaemon } from "./daemon.ts";
import { runKm, type RunOptions } from "./harness.ts";
import { type RawAnswer, rawRequest, sendRaw } from "./raw_http.ts";

export const JSON_TYPE = "Content-Type: application/json";

/** One that listens only where it was told, with two keys of one scope each. */
export class GuardedDaemon implements AsyncDisposable {
  readonly #daemon: RunningDaemon;
  readonly port: number;
  readonly token: string;
  readonly readKey: string;
  readonly ingestKey: string;
  /** All that was answered, to look for secrets in it. */
  readonly answers: string[] = [];

  private constructor(daemon: RunningDaemon, keys: { readonly read: string; readonly ingest: string }) {
    this.#daemon = daemon;
    this.port = Number(new URL(daemon.url).port);
    this.token = daemon.token;
    this.readKey = keys.read;
    this.ingestKey = keys.ingest;
  }

  static async start(
    args: readonly string[] = [],
    options: Partial<RunOptions> = {},
  ): Promise<GuardedDaemon> {
    const daemon = await RunningDaemon.start(["--also", "off", ...args], options);
    const add = async (name: string) =>
      (await runKm(["keys", "add", name, "--scope", name], { home: daemon.home })).out.trim();
    return new GuardedDaemon(daemon, { read: await add("read"), ingest: await add("ingest") });
  }

  get home(): string {
    return this.#daemon.home;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get log(): string {
    const { stdout, stderr } = this.#daemon.process;
    return [stdout, stderr].map((stream) => stream.lines().join("\n")).join("\n");
  }

  async send(line: string, headers: readonly string[] = [], body = ""): Promise<RawAnswer> {
    const answer = await sendRaw(this.port, rawRequest(this.port, line, headers, body));
    this.answers.push(answer.text);
    return answer;
  }

  /** Signs in as a browser does, and gives the cookie. */
  async cookie(): Promise<string> {
    const link = await this.send("POST /api/auth/links", [this.bearer()]);
    const { code } = JSON.parse(link.body) as { code: string };
    const session = await this.send(
      "POST /api/auth/session",
      [`Origin: ${this.origin}`, JSON_TYPE],
      JSON.stringify({ code }),
    );
    if (session.status !== 204) throw new Error(`signing in: ${session.text}`);
    return session.headers.get("set-cookie")?.split(";")[0] ?? "";
  }

  bearer(token = this.token): string {
    return `Authorization: Bearer ${token}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]();
  }
}
