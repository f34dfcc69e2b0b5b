/**
 * The plugin host of a home: takes what monitors see, hands it to the plugins that are on, and keeps up with what the user changes meanwhile.
 * Nothing in here is needed by any monitor.
 * @module
 */
import { join } from "node:path";
import { KmError } from "../../core/error.ts";
import { IdMaker } from "../../core/id.ts";
import { thisProcess } from "../../store/process_mark.ts";
import { configPath } from "../paths.ts";
import { EMPTY_LOCK, type InstalledPlugin, type PluginsLock } from "../trust/plugins_lock.ts";
import type { Emitted } from "../wire/decode.ts";
import { EmitSink } from "./emit_sink.ts";
import { endLeftovers } from "./leftovers.ts";
import type { HostDeps } from "./host_deps.ts";
import type { Hosted, LinkState } from "./hosted.ts";
import { FileMark } from "./file_mark.ts";
import { leftShed } from "./left_shed.ts";
import { type Link, LinkServer } from "./link_server.ts";
import { LogFile } from "./log_file.ts";
import { PluginRunner } from "./plugin_runner.ts";
import { licenceFor } from "./prepare_plugin.ts";
import { noCounts } from "./plugin_counts.ts";
import { Progress } from "./progress.ts";
import { RecentEvents } from "./recent_events.ts";
import { Refusals } from "./refusals.ts";
import type { Figures } from "./runner_deps.ts";
import type { OfferedMessage } from "./scope.ts";
import { StateFile } from "./state_file.ts";
import { type HostStatus, writeHostStatus } from "./status.ts";
import { endsFor } from "./takeover.ts";
import { wantOf } from "./wants.ts";

/** How late a change is noticed. */
const LOOK_MS = 1_000;
/** Between two writings of status.json, when something changed. */
const STATUS_MS = 250;
/** So long a monitor waits for plugins that start, to be told once what all of them want; its messages wait with it. */
const DECIDE_MS = 5_000;
/** Memory and processor time change all the time: they are written so often. */
const STATUS_EVERY_MS = 10_000;

export class PluginHost {
  readonly #deps: HostDeps;
  readonly #runners = new Map<string, Hosted>();
  /** By name, of all that ever ran here. */
  readonly #figures = new Map<string, Figures>();
  readonly #links = new Map<Link, LinkState>();
  readonly #lockMark: FileMark;
  readonly #emits: EmitSink;
  readonly #ids = new IdMaker();
  readonly #events = new RecentEvents();
  readonly #startedAt: string;
  readonly #over = Promise.withResolvers<string>();
  #server: LinkServer | null = null;
  #lockProblem: string | null = null;
  /** Those that are set. */
  readonly #timers = new Map<"linger" | "status" | "look", unknown>();
  #statusMs = -Infinity;
  /** What had been counted at the last look. */
  #counted = "";
  #shedMessages = 0;
  #shedBytes = 0;
  #isEnding = false;
  #isUp = false;
  readonly #progress: Progress<Link>;
  /** The monitor whose km starts the next host. */
  #successor: Link | null = null;

  constructor(deps: HostDeps) {
    this.#deps = deps;
    this.#lockMark = new FileMark(deps.paths.lockFile);
    this.#emits = new EmitSink(deps.storeEmits, deps.timers);
    this.#startedAt = this.#now();
    this.#progress = new Progress(deps.timers, () => this.#oldestUndone());
  }

  /** Runs until nobody needs it any more, or `end` is called. @throws what the system says when it cannot listen */
  async run(): Promise<void> {
    const { paths, licence } = this.#deps;
    for (const folder of [paths.folder, paths.logs, paths.state]) {
      Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    endLeftovers(paths);
    licence.onChange(() => void this.#relicense());
    this.#look();
    this.#server = await LinkServer.open({
      folder: paths.folder,
      addressFile: paths.hostAddress,
      kmVersion: this.#deps.kmVersion,
      on: {
        onOpen: (link, hello) => this.#opened(link, hello),
        onMessage: (link, message) => this.#offer(link, message),
        onShed: (link, messages, bytes) => {
          this.#shed(messages, bytes);
          link.done({ messages, bytes });
        },
        onClose: (link) => this.#closed(link),
      },
    });
    this.#lingerIfIdle();
    this.#changed();
    const reason = await this.#over.promise;
    await this.#finish(reason);
  }

  /** Ends it, in order. */
  end(reason: string): void {
    this.#over.resolve(reason);
  }

  #opened(link: Link, hello: { readonly link: number; readonly kmVersion: string }): void {
    if (endsFor(hello, this.#deps)) {
      this.#successor = link;
      return this.end(`km ${hello.kmVersion} takes over`);
    }
    this.#links.set(link, { told: null, openedMs: this.#deps.timers.nowMs() });
    this.#clearTimer("linger");
    this.#tellWant(link);
    this.#changed();
  }

  #closed(link: Link): void {
    this.#links.delete(link);
    this.#progress.forget(link);
    this.#lingerIfIdle();
    this.#changed();
  }

  #offer(link: Link, message: OfferedMessage): void {
    if (this.#isEnding) return; // It is not done with: its monitor counts it.
    this.#events.add(message.event.id, message.server);
    const seq = this.#progress.took(link, message.event.sizeBytes);
    for (const { runner } of this.#runners.values()) runner.offer(message, seq);
  }

  #oldestUndone(): number | null {
    const undone = [...this.#runners.values()].flatMap(({ runner }) => runner.oldestUndone ?? []);
    return undone.length === 0 ? null : Math.min(...undone);
  }

  #shed(messages: number, bytes: number): void {
    this.#shedMessages += messages;
    this.#shedBytes += bytes;
  }

  /** What monitors left that ended without a host. */
  #takeLeft(): void {
    const { messages, bytes } = leftShed(this.#deps.paths.shed, { take: true });
    if (messages === 0) return;
    this.#shed(messages, bytes);
    this.#statusLater(STATUS_MS);
  }

  /** Looks at what may have changed, and again after a while. */
  #look(): void {
    if (this.#isEnding) return;
    if (this.#lockMark.isChanged()) this.#takeLock();
    for (const link of this.#links.keys()) this.#tellWant(link);
    for (const hosted of this.#runners.values()) {
      hosted.runner.tick();
      if (hosted.configMark.isChanged()) this.#replace(hosted, "its configuration changed");
    }
    void this.#server?.mend();
    this.#takeLeft();
    this.#statusWhenChanged();
    if (!this.#deps.isAllowed()) this.end("plugins are turned off");
    this.#timers.set("look", this.#deps.timers.set(() => this.#look(), LOOK_MS));
  }

  #takeLock(): void {
    const { plugins } = this.#readLock();
    const on = new Map(plugins.filter(({ enabled }) => enabled).map((plugin) => [plugin.name, plugin]));
    for (const [name, hosted] of this.#runners) {
      const plugin = on.get(name);
      if (plugin === undefined) this.#remove(hosted, "it was disabled or removed");
      else if (JSON.stringify(plugin) !== JSON.stringify(hosted.plugin)) {
        this.#replace({ ...hosted, plugin }, "what is installed or granted changed");
      }
    }
    for (const [name, plugin] of on) if (!this.#runners.has(name)) this.#add(plugin, Promise.resolve());
    this.#changed();
    this.#lingerIfIdle();
  }

  /** A lock file that cannot be read turns all plugins off: nobody can say any more what was granted. */
  #readLock(): PluginsLock {
    try {
      this.#lockProblem = null;
      return this.#deps.readLock();
    } catch (error) {
      this.#lockProblem = error instanceof Error ? error.message : String(error);
      return EMPTY_LOCK;
    }
  }

  /** `after`: when a process of the same plugin has ended. */
  #add(plugin: InstalledPlugin, after: Promise<void>): void {
    const { paths, timers } = this.#deps;
    const { name, version } = plugin;
    const runner = new PluginRunner({
      name,
      version,
      prepare: () => this.#deps.prepare(plugin),
      launch: this.#deps.launch,
      runtime: paths.runtime,
      kmVersion: this.#deps.kmVersion,
      timers,
      log: (bytesPerMinute) =>
        new LogFile({
          path: join(paths.logs, `${name}.jsonl`),
          bytesPerMinute,
          nowMs: () => timers.wallMs(),
        }),
      figures: this.#figuresOf(name),
      state: (onProblem) => new StateFile(join(paths.state, `${name}.json`), onProblem, timers),
      redact: this.#deps.redact,
      emit: (eventId, what) => this.#emit(plugin, eventId, what),
      show: (lines) => this.#show(lines),
      changed: () => this.#changed(),
    });
    this.#runners.set(name, {
      plugin,
      runner,
      configMark: new FileMark(configPath(paths, name), { known: true }),
    });
    void after.then(() => runner.start());
  }

  #remove(hosted: Hosted, reason: string): Promise<void> {
    this.#runners.delete(hosted.plugin.name);
    return hosted.runner.stop(reason).finally(() => hosted.runner.dropWaiting());
  }

  #figuresOf(name: string): Figures {
    const figures = this.#figures.get(name) ?? { counts: noCounts(), refusals: new Refusals() };
    this.#figures.set(name, figures);
    return figures;
  }

  #replace(hosted: Hosted, reason: string): void {
    this.#add(hosted.plugin, this.#remove(hosted, reason));
  }

  async #relicense(): Promise<void> {
    const licence = this.#deps.licence.now();
    await Promise.all([...this.#runners.values()].map(async ({ plugin, runner }) => {
      // Whether it may still run is asked of the package itself, as before each launch.
      const refusal = await this.#deps.prepare(plugin).then(() => null, (error: unknown) => error);
      if (refusal instanceof KmError && refusal.code === "not_granted") await runner.refuse(refusal.message);
      else if (runner.isRunning) await runner.relicense(licenceFor(plugin.name, licence));
      else if (runner.status.state === "refused") await runner.start();
    }));
    this.#changed();
  }

  #emit(plugin: InstalledPlugin, eventId: string | null, what: Emitted): boolean {
    const seenOn = eventId === null ? null : this.#events.serverOf(eventId);
    const timeUs = Math.round(this.#deps.timers.wallMs() * 1000);
    const base = {
      id: this.#ids.next(timeUs),
      timeUs,
      plugin: plugin.name,
      pluginVersion: plugin.version,
      server: seenOn,
      eventId,
    };
    switch (what.type) {
      case "finding":
        return this.#emits.add({ ...base, ...what, server: what.server ?? seenOn });
      case "metric":
        return this.#emits.add({ ...base, ...what });
      case "annotation":
        return eventId !== null && this.#emits.add({ ...base, ...what, eventId });
    }
  }

  #show(lines: (color: boolean) => string): void {
    for (const link of this.#links.keys()) if (link.watched) link.show(lines(link.color));
  }

  /** Its start is short, and monitors wait for it: only then does it stand back. */
  #upOnce(): void {
    if (this.#isUp || this.#server === null) return;
    this.#isUp = ![...this.#runners.values()].some(({ runner }) => runner.status.state === "starting");
    if (this.#isUp) this.#deps.onUp?.();
  }

  /** Something that a monitor or a reader of the status should know. */
  #changed(): void {
    this.#upOnce();
    for (const link of this.#links.keys()) this.#tellWant(link);
    this.#statusLater(STATUS_MS);
  }

  #tellWant(link: Link): void {
    const state = this.#links.get(link);
    if (state === undefined || (state.told === null && this.#isUndecided(state))) return;
    const want = wantOf(link.run.server, [...this.#runners.values()].map(({ runner }) => runner));
    const text = JSON.stringify(want);
    if (state.told === text) return;
    state.told = text;
    link.want(want);
  }

  /** While plugins start for the first time nobody knows what they want. */
  #isUndecided({ openedMs }: LinkState): boolean {
    return this.#deps.timers.nowMs() - openedMs < DECIDE_MS &&
      [...this.#runners.values()].some(({ runner }) => runner.isUndecided);
  }

  #lingerIfIdle(): void {
    const isNeeded = this.#links.size > 0 && this.#runners.size > 0;
    if (isNeeded || this.#isEnding) return this.#clearTimer("linger");
    if (this.#timers.has("linger")) return;
    const end = () => this.end(this.#runners.size === 0 ? "no plugin is on" : "no monitor is left");
    this.#timers.set("linger", this.#deps.timers.set(end, this.#deps.lingerMs()));
  }

  #clearTimer(which: "linger" | "status" | "look"): void {
    const timer = this.#timers.get(which);
    if (this.#timers.delete(which)) this.#deps.timers.clear(timer);
  }

  #statusLater(ms: number): void {
    if (this.#isEnding) return;
    const dueMs = this.#deps.timers.nowMs() + ms;
    if (this.#timers.has("status") && this.#statusMs <= dueMs) return;
    this.#clearTimer("status");
    this.#statusMs = dueMs;
    const write = () => {
      this.#timers.delete("status");
      this.#writeStatus(null);
    };
    this.#timers.set("status", this.#deps.timers.set(write, ms));
  }

  #statusWhenChanged(): void {
    const counted = JSON.stringify([...this.#runners.values()].map(({ runner }) => runner.counted));
    const isChanged = counted !== this.#counted;
    this.#counted = counted;
    if (isChanged) this.#statusLater(0);
    else if (this.#links.size > 0) this.#statusLater(STATUS_EVERY_MS);
  }

  #writeStatus(endedAt: string | null): void {
    try {
      writeHostStatus(this.#deps.paths.hostStatus, this.#status(endedAt));
    } catch {
      // A full disk: the next one tells as much.
    }
  }

  #status(endedAt: string | null): HostStatus {
    const { kmVersion, licence } = this.#deps;
    const { tier, customerId, reason } = licence.now();
    const { deno, problem } = this.#deps.deno();
    return {
      schema: 1,
      pid: Deno.pid,
      process: thisProcess(),
      kmVersion,
      startedAt: this.#startedAt,
      writtenAt: this.#now(),
      endedAt,
      monitors: this.#links.size,
      shedMessages: this.#shedMessages,
      shedBytes: this.#shedBytes,
      deno,
      licence: { tier, customerId, problem: reason },
      problem: this.#lockProblem ?? problem,
      emitsLost: this.#emits.lost,
      plugins: [...this.#runners.values()].map(({ runner }) => runner.status),
    };
  }

  async #finish(reason: string): Promise<void> {
    this.#isEnding = true;
    for (const timer of ["linger", "look", "status"] as const) this.#clearTimer(timer);
    this.#server?.hide();
    await Promise.all([...this.#runners.values()].map(({ runner }) => runner.stop(reason)));
    // Before monitors hear that it ends: what they are not told is done, they count.
    this.#progress.tell();
    this.#progress.close();
    for (const { runner } of this.#runners.values()) runner.dropWaiting();
    await this.#server?.close(reason, this.#successor);
    this.#emits.close();
    this.#writeStatus(this.#now());
  }

  #now(): string {
    return new Date(this.#deps.timers.wallMs()).toISOString();
  }
}
