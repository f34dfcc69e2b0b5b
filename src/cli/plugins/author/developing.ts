/** A plugin while its author works on it: one sandbox at a time, replaced at every save. @module */
import { KmError } from "../../../core/error.ts";
import type { Event } from "../../../core/event.ts";
import { offeredMessages } from "../../../plugins/author/fixture.ts";
import { EndedOver, type MessageReport } from "../../../plugins/author/report.ts";
import type { Replay } from "../../../plugins/author/replay.ts";
import type { OfferedMessage } from "../../../plugins/host/scope.ts";
import { jsonText } from "../../json_text.ts";
import { loadReplay } from "../../packages.ts";
import { stdoutTerminal, write, writeLines } from "../../terminal.ts";
import { fixtureMessages } from "./messages.ts";
import { prepare } from "./prepare.ts";
import { messageLines, restLines } from "./report_lines.ts";

export interface DevelopingOptions {
  readonly folder: string;
  /** The fixture's file; undefined: `fixture.jsonl`; null: no fixture, messages are given as they come. */
  readonly events: string | null | undefined;
  readonly config: string | null;
  readonly check: boolean;
  readonly json: boolean;
}

/** Most messages that wait for a plugin that is being built, or is slow. */
const MAX_WAITING = 1000;

export class Developing {
  readonly #options: DevelopingOptions;
  readonly #color = stdoutTerminal().color;
  /** Outlives the plugin's processes. */
  readonly #state = new Map<string, string>();
  /** One thing after the other: starts, and messages. */
  #work: Promise<void> = Promise.resolve();
  #replay: Replay | null = null;
  /** Of the start that is under way. */
  #starting: AbortController | null = null;
  #waiting = 0;
  #reloads = 0;

  constructor(options: DevelopingOptions) {
    this.#options = options;
  }

  /** Builds and starts the plugin anew, after what is under way; several calls in a row are one. */
  reload(): void {
    const reload = ++this.#reloads;
    this.#endNow();
    this.#then(async () => {
      if (reload !== this.#reloads) return;
      const starting = this.#starting = new AbortController();
      await this.#start(starting.signal).catch((error) => {
        // That it was ended is no problem of the plugin.
        if (!starting.signal.aborted) throw error;
      });
    });
  }

  /** Gives it a message, when it has done with those before. */
  give(event: Event): void {
    if (this.#waiting >= MAX_WAITING) return;
    this.#waiting++;
    this.#then(async () => {
      this.#waiting--;
      for (const message of offeredMessages([event], "recorded message")) await this.#handle(message);
    });
  }

  /** Ends the plugin. */
  async end(): Promise<void> {
    this.#reloads++;
    this.#endNow();
    await this.#work;
    await this.#stop();
  }

  /** What it is at is not waited for: its code may never come to an end by itself. */
  #endNow(): void {
    this.#starting?.abort();
    this.#replay?.kill();
  }

  #then(step: () => Promise<void>): void {
    this.#work = this.#work.then(step).catch((error) => this.#problem(error));
  }

  async #start(signal: AbortSignal): Promise<void> {
    await this.#stop();
    const { folder, config, check, events } = this.#options;
    const { project, replay } = await prepare(folder, { config, check, state: this.#state, signal });
    const { Replay } = await loadReplay();
    this.#replay = await Replay.start(replay, signal);
    const { name, version } = project.manifest;
    this.#say({ type: "started", name, version }, [`${name} ${version} runs`]);
    if (events === null) return;
    for (const message of (await fixtureMessages(folder, events)).messages) await this.#handle(message);
    // Timers of the plugin go on; what they do is shown with the next message or the next start.
  }

  async #stop(): Promise<void> {
    const replay = this.#replay;
    this.#replay = null;
    if (replay === null) return;
    const { happenings } = await replay.end();
    if (happenings.length > 0) {
      this.#say({ type: "happenings", happenings }, restLines(happenings, this.#color));
    }
  }

  async #handle(message: OfferedMessage): Promise<void> {
    if (this.#replay === null) return;
    try {
      this.#told(await this.#replay.handle(message));
    } catch (error) {
      // Its process has ended: by a save, or by itself.
      const { why } = await this.#replay.ended;
      if (why !== "asked" && error instanceof EndedOver) this.#told(error.report);
      await this.#stop();
      if (why !== "asked") throw error;
    }
  }

  #told(report: MessageReport): void {
    this.#say({ type: "message", ...report }, messageLines(report, this.#color));
  }

  #problem(error: unknown): void {
    if (!(error instanceof KmError)) throw error;
    const { message, said, hint = null } = error;
    const lines = [
      `problem: ${message}`,
      ...(said?.split("\n").map((line) => `  ${line}`) ?? []),
      ...(hint === null ? [] : [`hint: ${hint}`]),
      "waiting for the next save",
    ];
    this.#say({ type: "problem", problem: message, said: said ?? null, hint }, lines);
  }

  #say(object: Readonly<Record<string, unknown>>, lines: readonly string[]): void {
    if (this.#options.json) write(`${jsonText(object)}\n`);
    else writeLines(lines);
  }
}
