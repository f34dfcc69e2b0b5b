/** A daemon with an agent that runs tasks, and requests about them, for end-to-end tests. @module */
import type { TaskBody, TaskEventBody } from "../../src/api/sessions/task_schemas.ts";
import type { z } from "@hono/zod-openapi";
import { createClient } from "../../src/client/client.ts";
import { structuredAgent } from "../fakes/structured_agent.ts";
import { FAKE_COMMAND } from "../fakes/watched_agent.ts";
import { RunningDaemon } from "./daemon.ts";
import { type RunOptions, TempFolder } from "./harness.ts";

export type TaskEvents = readonly z.infer<typeof TaskEventBody>[];

/** A home whose config knows the providers `agent` and `screens`; tasks work in `folder.path`/work. */
export class TaskHome implements AsyncDisposable {
  readonly #folder = new TempFolder();
  #daemon: RunningDaemon | null = null;

  constructor() {
    Deno.mkdirSync(this.work);
    const providers = {
      agent: structuredAgent(this.#folder.path),
      // The same screens as Claude Code, and no structured mode.
      screens: { extends: "claude", command: FAKE_COMMAND, structured: null },
    };
    Deno.mkdirSync(this.home);
    Deno.writeTextFileSync(`${this.home}/config.jsonc`, JSON.stringify({ providers }));
  }

  get home(): string {
    return `${this.#folder.path}/home`;
  }

  get work(): string {
    return `${this.#folder.path}/work`;
  }

  get daemon(): RunningDaemon {
    if (this.#daemon) return this.#daemon;
    throw new TypeError("It was not started");
  }

  /** Starts the daemon, or starts it again. */
  async start(env: RunOptions["env"] = {}): Promise<this> {
    await this.#daemon?.[Symbol.asyncDispose]();
    this.#daemon = await RunningDaemon.start([], {
      home: this.home,
      env: { SHELL: "/bin/sh", ENV: "", ...env },
    });
    return this;
  }

  async ask(method: string, path: string, body?: unknown, token = this.daemon.token): Promise<Response> {
    return await fetch(this.daemon.url + path, {
      method,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  /** Asks, and takes no more than the status. */
  async status(...args: Parameters<TaskHome["ask"]>): Promise<number> {
    const response = await this.ask(...args);
    await response.body?.cancel();
    return response.status;
  }

  async submit(prompt: string, more: Readonly<Record<string, unknown>> = {}): Promise<TaskBody> {
    const response = await this.ask("POST", "/api/tasks", {
      provider: "agent",
      prompt,
      cwd: this.work,
      ...more,
    });
    if (!response.ok) throw new Error(await response.text());
    return await response.json();
  }

  async get(id: string): Promise<TaskBody> {
    const client = createClient({ baseUrl: this.daemon.url, token: this.daemon.token });
    return await (await client.api.tasks[":id"].$get({ param: { id } })).json() as TaskBody; // as: the task is there
  }

  /** Waits until it is over. */
  async over(id: string, timeoutS = 20): Promise<TaskBody> {
    const response = await this.ask("GET", `/api/tasks/${id}/wait?timeout=${timeoutS}`);
    if (!response.ok) {
      throw new Error(`${await response.text()}; it is ${JSON.stringify(await this.get(id))}`);
    }
    return await response.json();
  }

  async cancel(id: string): Promise<TaskBody> {
    return await (await this.ask("POST", `/api/tasks/${id}/cancel`)).json();
  }

  async events(id: string, query = ""): Promise<TaskEvents> {
    return (await (await this.ask("GET", `/api/tasks/${id}/events${query}`)).json()).events;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon?.[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}
