/**
 * A session in the user's own terminal.
 *
 * It is drawn on the main screen, as a program that runs there would be: what scrolls off stays in the terminal's own history, where it can be
 * scrolled to, searched and copied, and stays there after a detach. A program's alternate screen is the terminal's own.
 * @module
 */
import { connectSessions, SessionLinkError } from "../../client/session_socket.ts";
import type { AttachedSession, SessionBody, SessionLink, WireEvent } from "../../client/session_socket.ts";
import { kmPaths } from "../../config/paths.ts";
import { type ErrorCode, EXIT_CODES, KmError } from "../../core/error.ts";
import { hasEnded, type TerminalSize } from "../../core/session.ts";
import { findDaemon } from "../../daemon/daemon_file.ts";
import { ENDING_SIGNALS, onSignal } from "../../proc/signals.ts";
import { answerOf } from "./api_answer.ts";
import type { DaemonClient } from "./daemon_client.ts";
import { describeKeys, DetachKeys, parseDetachKeys } from "./detach_keys.ts";
import { localSize, LocalTerminal } from "./local_terminal.ts";
import { OutputFilter } from "./output_filter.ts";

export interface AttachOptions {
  readonly readOnly: boolean;
  /** Makes the session as large as this terminal, also when somebody else decides on its size. */
  readonly takeSize: boolean;
  /** In docker's notation. */
  readonly detachKeys: string;
  /** Programs may put text into the clipboard. */
  readonly clipboard: boolean;
}

/** Why a session is not shown any more. */
export type AttachEnd =
  | { readonly kind: "ended"; readonly session: SessionBody }
  /** `by`: somebody else wanted it so. */
  | { readonly kind: "detached"; readonly by?: string }
  /** km itself was asked to end. */
  | { readonly kind: "signal"; readonly exitCode: number }
  | { readonly kind: "lost"; readonly reason: string };

/** A beginning of the detach keys that nothing follows is typed after this time, in ms. */
const HOLD_MS = 1000;
/** A connection that is back within this time breaks nothing that anybody sees, in ms. */
const NOTICE_MS = 1000;
/** How often it is looked whether the daemon, with which its sessions end, is still there, in ms. */
const LOOK_MS = 300;

/** Shows a session until it ends or is left; the terminal is then as it was. @throws {KmError} */
export async function attachSession(
  daemon: DaemonClient,
  session: SessionBody,
  options: AttachOptions,
): Promise<AttachEnd> {
  const keys = parseDetachKeys(options.detachKeys);
  using terminal = new LocalTerminal();
  const attaching = new Attaching(daemon, session, { ...options, terminal, keys });
  const end = await attaching.run();
  terminal.leave(end.kind === "ended" ? "cursor" : "bottom");
  return end;
}

interface Deps extends AttachOptions {
  readonly terminal: LocalTerminal;
  readonly keys: readonly string[];
}

class Attaching {
  readonly #daemon: DaemonClient;
  readonly #session: SessionBody;
  readonly #deps: Deps;
  readonly #filter: OutputFilter;
  readonly #detachKeys: DetachKeys;
  readonly #ended = Promise.withResolvers<AttachEnd>();
  #attached: AttachedSession | null = null;
  #hasSnapshot = false;
  /** It has ended, and what it wrote last is still on its way. */
  #endedBefore: SessionBody | null = null;
  #holdTimer: ReturnType<typeof setTimeout> | undefined;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;
  #goneTimer: ReturnType<typeof setInterval> | undefined;

  constructor(daemon: DaemonClient, session: SessionBody, deps: Deps) {
    this.#daemon = daemon;
    this.#session = session;
    this.#deps = deps;
    this.#filter = new OutputFilter(deps.terminal.book, {
      clipboard: deps.clipboard,
      titleOf: (title) => this.#titleOf(title),
    });
    this.#detachKeys = new DetachKeys(deps.keys);
  }

  async run(): Promise<AttachEnd> {
    const { terminal } = this.#deps;
    terminal.enter();
    for (const [signal, number] of ENDING_SIGNALS) {
      onSignal(signal, () => this.#ended.resolve({ kind: "signal", exitCode: 128 + number }));
    }
    using link = connectSessions({
      url: `${this.#daemon.url.replace(/^http/, "ws")}/api/ws`,
      getToken: () => this.#token(),
      onStatus: (status, reason) => this.#status(status, reason),
    });
    try {
      await Promise.race([this.#attach(link), this.#ended.promise]);
      terminal.onResize((size) => this.#resize(size));
      void terminal.read((bytes) => this.#typed(bytes)).then(
        () => this.#ended.resolve({ kind: "detached" }),
        () => this.#ended.resolve({ kind: "detached" }),
      );
      return await this.#ended.promise;
    } catch (error) {
      throw fromLink(error);
    } finally {
      for (const timer of [this.#holdTimer, this.#noticeTimer]) clearTimeout(timer);
      clearInterval(this.#goneTimer);
    }
  }

  async #attach(link: SessionLink): Promise<void> {
    const size = localSize();
    this.#attached = await link.attach(this.#session.id, {
      write: !this.#deps.readOnly,
      ...(!this.#deps.readOnly && { size }),
      onSnapshot: (bytes) => this.#show(bytes),
      onOutput: (bytes) => this.#deps.terminal.write(this.#filter.feed(bytes)),
      onEvent: (event) => this.#happened(event),
      onGone: (reason) => this.#ended.resolve({ kind: "lost", reason }),
    });
    this.#endOf(this.#attached.session);
    if (this.#deps.takeSize) await this.#attached.resize(size, true);
  }

  #show(bytes: Uint8Array): void {
    const { terminal } = this.#deps;
    this.#filter.reset();
    if (this.#hasSnapshot) terminal.reset();
    else {
      terminal.clear();
      terminal.setTitle(this.#titleOf(""));
    }
    this.#hasSnapshot = true;
    terminal.write(this.#filter.feed(bytes));
    if (this.#endedBefore) this.#endOf(this.#endedBefore);
  }

  /** How to leave stands behind what the program calls itself: in the window's title it is in nobody's way, and to be read at any time. */
  #titleOf(title: string): string {
    return `${title === "" ? this.#session.name : title} (${describeKeys(this.#deps.keys)} detaches)`;
  }

  #happened(event: WireEvent): void {
    if (event.event === "state" || event.event === "session") this.#endOf(event.session);
    if (event.event === "leave") this.#ended.resolve({ kind: "detached", by: event.by });
  }

  #endOf(session: SessionBody): void {
    if (!hasEnded(session.state)) return;
    if (this.#hasSnapshot) this.#ended.resolve({ kind: "ended", session });
    else this.#endedBefore = session;
  }

  #typed(bytes: Uint8Array): void {
    clearTimeout(this.#holdTimer);
    const { pass, isDetached } = this.#detachKeys.feed(bytes);
    this.#input(pass);
    if (isDetached) return this.#ended.resolve({ kind: "detached" });
    if (!this.#detachKeys.isHolding) return;
    this.#holdTimer = setTimeout(() => this.#input(this.#detachKeys.release()), HOLD_MS);
  }

  #input(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#deps.readOnly) return;
    try {
      this.#attached?.input(bytes);
    } catch {
      this.#deps.terminal.write(new Uint8Array([0x07])); // The program takes nothing more: what was typed is not kept.
    }
  }

  #resize(size: TerminalSize): void {
    if (this.#deps.readOnly) return;
    this.#attached?.resize(size, this.#deps.takeSize).catch(() => {}); // Told again at the next connection.
  }

  /** The link connects again by itself; what is drawn in between is drawn over. */
  #status(status: "connecting" | "open" | "closed", reason: string | null): void {
    clearTimeout(this.#noticeTimer);
    clearInterval(this.#goneTimer);
    if (status === "closed") return this.#ended.resolve({ kind: "lost", reason: reason ?? "closed" });
    if (status === "open") return;
    if (this.#attached === null && reason === null) return;
    this.#noticeTimer = setTimeout(() => this.#notice(), NOTICE_MS);
    this.#goneTimer = setInterval(() => this.#lookForDaemon(), LOOK_MS);
  }

  #notice(): void {
    const { terminal, keys } = this.#deps;
    if (!this.#hasSnapshot) return;
    this.#attached?.redraw();
    terminal.notice(` km: connection lost, trying again; ${describeKeys(keys)} leaves `);
  }

  #lookForDaemon(): void {
    if (findDaemon(kmPaths().daemon)?.pid !== this.#daemon.pid) {
      this.#ended.resolve({ kind: "lost", reason: "km serve has ended" });
    }
  }

  async #token(): Promise<string> {
    const { client } = this.#daemon;
    const json = {
      access: this.#deps.readOnly ? "read" as const : "write" as const,
      sessions: [this.#session.id],
    };
    return (await answerOf<{ token: string }>(client.api.sessions.tokens.$post({ json }))).token;
  }
}

function fromLink(error: unknown): unknown {
  if (!(error instanceof SessionLinkError)) return error;
  const code = error.code in EXIT_CODES ? error.code as ErrorCode : "unsupported"; // as: it is one of them
  return new KmError(code, error.message, error.hint === null ? {} : { hint: error.hint });
}
