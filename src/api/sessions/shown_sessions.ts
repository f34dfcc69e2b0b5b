/** The sessions that one WebSocket shows, and those that it may know of. @module */
import type { SessionGrant } from "../../auth/session_tokens.ts";
import { KmError } from "../../core/error.ts";
import type { Sessions } from "../../sessions/sessions.ts";
import type { SessionView } from "../../sessions/viewer.ts";
import type { Timer } from "../body.ts";
import { ApiError } from "../errors.ts";
import type { ClientMemory } from "./client_memory.ts";
import type { Outbox } from "./outbox.ts";
import { ShownSession } from "./shown_session.ts";
import type { SocketCommand } from "./socket_commands.ts";

/** Sessions that one socket shows. */
const MAX_SHOWN = 256;

type Attach = Extract<SocketCommand, { action: "attach" }>;

export interface ShownSessionsOptions {
  readonly sessions: Sessions;
  readonly timer: Timer;
  readonly outbox: Outbox;
  /** What the client may, now; null: it is not known. */
  readonly grant: () => SessionGrant | null;
  readonly memory: () => ClientMemory;
  readonly onLag: () => void;
  /** Others are shown now. */
  readonly onChange: () => void;
}

export class ShownSessions {
  readonly #options: ShownSessionsOptions;
  readonly #shown = new Map<number, ShownSession>();
  /** Sessions that were shown: input for them may be on its way still. */
  readonly #wasShown = new Set<number>();
  #isOver = false;

  constructor(options: ShownSessionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#shown.size;
  }

  all(): MapIterator<ShownSession> {
    return this.#shown.values();
  }

  get(number: number): ShownSession | undefined {
    return this.#shown.get(number);
  }

  wasShown(number: number): boolean {
    return this.#wasShown.has(number);
  }

  maySee(id: string): boolean {
    const grant = this.#options.grant();
    return grant !== null && (grant.sessions === null || grant.sessions.includes(id));
  }

  /** The session, when there is one that this client may know of. @throws {KmError} not_found, ambiguous */
  async find(ref: string): Promise<SessionView> {
    try {
      const session = await this.#options.sessions.get(ref);
      if (this.maySee(session.id)) return session;
    } catch (error) {
      // That several begin so is more than who may see some of them needs to know.
      const isHidden = error instanceof KmError && error.code === "ambiguous" &&
        this.#options.grant()?.sessions !== null;
      if (!isHidden) throw error;
    }
    throw noSession(ref);
  }

  /** A place for a session, in which nothing is shown yet. @throws {ApiError} 429 */
  open({ id, number }: SessionView, command: Attach): ShownSession {
    const before = this.#shown.get(number);
    if (before) this.hide(before);
    if (this.#shown.size >= MAX_SHOWN) {
      throw new ApiError(
        429,
        "busy",
        `Cannot show another session: this connection shows ${MAX_SHOWN} already`,
      );
    }
    const { outbox, timer, onLag, memory } = this.#options;
    const grant = this.#options.grant();
    const shown = new ShownSession({
      id,
      number,
      name: grant?.name ?? "",
      mayWrite: grant?.access === "write" && command.write,
      format: command.format,
      outbox,
      memory: memory(),
      timer,
      onLag,
    });
    this.#shown.set(number, shown);
    this.#wasShown.add(number);
    return shown;
  }

  /** Begins to show it in its place. False: that was given up meanwhile. @throws {KmError} as `Sessions.attach` */
  async begin(shown: ShownSession, { since, size }: Attach): Promise<boolean> {
    try {
      const { attachment } = await this.#options.sessions.attach(shown.id, shown, { since, size });
      shown.begin(attachment);
    } catch (error) {
      this.hide(shown);
      throw error;
    }
    const isShown = !this.#isOver && this.#shown.get(shown.number) === shown;
    if (isShown) this.#options.onChange();
    else shown.end();
    return isShown;
  }

  hide(shown: ShownSession): void {
    shown.end();
    if (this.#shown.get(shown.number) === shown) this.#shown.delete(shown.number);
    this.#options.onChange();
  }

  /** Hides what the client may see no more. */
  hideForbidden(): void {
    for (const shown of [...this.#shown.values()]) if (!this.maySee(shown.id)) this.hide(shown);
  }

  /** Nothing is shown any more. */
  end(): void {
    this.#isOver = true;
    for (const shown of this.#shown.values()) shown.end();
    this.#shown.clear();
  }
}

function noSession(ref: string): KmError {
  return new KmError("not_found", `Cannot find session ${JSON.stringify(ref)}: there is none`, {
    hint: 'see "km sessions list --all"',
  });
}
