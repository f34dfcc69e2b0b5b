/** A real km serve in a home of its own, and requests to it, for end-to-end tests. @module */
import type { DaemonRecord } from "../../src/daemon/daemon_file.ts";
import { Running, type RunOptions, TempFolder } from "./harness.ts";

/** A running km serve on a free port. Killed, and its home removed, when disposed of. */
export class RunningDaemon {
  readonly folder: TempFolder | null;
  readonly home: string;
  readonly process: Running;

  private constructor(folder: TempFolder | null, home: string, process: Running) {
    this.folder = folder;
    this.home = home;
    this.process = process;
  }

  /** Starts one and waits until it listens; in a new home unless one is given. */
  static async start(
    args: readonly string[] = [],
    options: Partial<RunOptions> = {},
  ): Promise<RunningDaemon> {
    const folder = options.home === undefined ? new TempFolder() : null;
    const home = options.home ?? folder?.path ?? "";
    const process = new Running(["serve", "--port", "0", ...args], { ...options, home });
    const daemon = new RunningDaemon(folder, home, process);
    try {
      await process.stdout.lineCount(1);
      return daemon;
    } catch (error) {
      await daemon[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What daemon.json says. */
  get record(): DaemonRecord {
    return JSON.parse(Deno.readTextFileSync(`${this.home}/daemon.json`)) as DaemonRecord;
  }

  get url(): string {
    return this.record.urls[0] ?? "";
  }

  get token(): string {
    return Deno.readTextFileSync(`${this.home}/token`).trim();
  }

  /** Asks it with the token. */
  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return await fetch(this.url + path, { headers: { Authorization: `Bearer ${this.token}`, ...headers } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    this.folder?.[Symbol.dispose]();
  }
}
