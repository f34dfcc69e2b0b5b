/** What this page knows of all sessions: one connection, kept up, for every part that shows them. @module */
import {
  type AttachedSession,
  connectSessions,
  type LinkStatus,
  type SessionBody,
  type SessionLink,
  type SessionView,
  type WireEvent,
} from "../../client/session_socket.ts";
import { ApiFailure, asFailure } from "../shell/api.ts";
import { sessionHref } from "../shell/links.ts";
import { navigate } from "../shell/router.ts";
import { noticeOf, showNotice } from "./notices.ts";
import { askSessions, askToken, markSeen } from "./session_requests.ts";
import { wantsAttention } from "./session_states.ts";

export type FeedStatus = LinkStatus | "unavailable";

const DRAW_EVERY_MS = 30;

/** What it asks km with; a test answers itself. */
interface Asks {
  readonly connect: typeof connectSessions;
  readonly token: typeof askToken;
}

export class SessionsFeed {
  readonly #asks: Asks;
  readonly #sessions = new Map<string, SessionBody>();
  readonly #listeners = new Set<() => void>();
  readonly #eventListeners = new Set<(id: string, event: WireEvent) => void>();
  #link: SessionLink | null = null;
  #status: FeedStatus = "connecting";
  #failure: ApiFailure | null = null;
  #isLoaded = false;
  #mayWrite = true;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort = new AbortController();
  /** Sessions that began to wait, or ended, on a page that was hidden. */
  readonly #missed = new Set<string>();
  /** The session that fills the page; null: none does. */
  #lookedAt: string | null = null;

  constructor(asks: Asks = { connect: connectSessions, token: askToken }) {
    this.#asks = asks;
  }

  /** Connects; once. */
  start(): void {
    if (this.#link) return;
    const { protocol, host } = location;
    this.#link = this.#asks.connect({
      url: `${protocol === "https:" ? "wss" : "ws"}://${host}/api/ws`,
      getToken: () => this.#token(),
      onStatus: (status) => {
        if (this.#status !== "unavailable") this.#status = status;
        if (status === "open") void this.#load();
        this.#changed();
      },
    });
    this.#link.watch((id, event) => this.#take(id, event)).then(
      (sessions) => {
        for (const session of sessions) this.#put(session);
      },
      () => {}, // `onStatus` has told.
    );
    document.addEventListener("visibilitychange", () => this.#look(), { signal: this.#abort.signal });
  }

  /** Ends the connection: who asks is not known any more. */
  stop(): void {
    this.#link?.[Symbol.dispose]();
    this.#link = null;
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#sessions.clear();
    this.#missed.clear();
    this.#isLoaded = false;
    this.#mayWrite = true; // Who signs in next may be somebody else.
    this.#status = "connecting";
    this.#failure = null;
  }

  get sessions(): ReadonlyMap<string, SessionBody> {
    return this.#sessions;
  }

  get status(): FeedStatus {
    return this.#status;
  }

  /** Why nothing is known. */
  get failure(): ApiFailure | null {
    return this.#failure;
  }

  /** Also those that ended are known. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get latencyMs(): number | null {
    return this.#link?.latencyMs ?? null;
  }

  /** False: the user only reads. */
  get mayWrite(): boolean {
    return this.#mayWrite;
  }

  /** How many want to be looked at. */
  get attentionCount(): number {
    const nowMs = Date.now();
    return this.#sessions.values().filter((session) =>
      this.#missed.has(session.id) || wantsAttention(session, nowMs)
    ).toArray().length;
  }

  byNumber(number: number): SessionBody | undefined {
    return this.#sessions.values().find((session) => session.number === number);
  }

  /** @throws {SessionLinkError} */
  async attach(id: string, view: SessionView): Promise<AttachedSession> {
    this.start();
    if (!this.#link) throw new ApiFailure(0, { code: "closed", message: "There is no connection" });
    return await this.#link.attach(id, { ...view, write: view.write && this.#mayWrite });
  }

  /** Says which session fills the page: it is seen as long as the page is. */
  lookAt(id: string | null): void {
    this.#lookedAt = id;
    this.#look();
  }

  /** Takes what was answered to a request, which may be earlier than its event. */
  put(session: SessionBody): void {
    this.#put(session);
  }

  /** Tells what an answer said, as if it came over the socket. */
  tell(id: string, event: WireEvent): void {
    this.#take(id, event);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  onEvent(listener: (id: string, event: WireEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => void this.#eventListeners.delete(listener);
  }

  async #token(): Promise<string> {
    const { signal } = this.#abort;
    try {
      const token = await this.#asks.token(this.#mayWrite ? "write" : "read");
      if (!signal.aborted) this.#failure = null;
      return token;
    } catch (cause) {
      const failure = asFailure(cause);
      if (signal.aborted) throw failure; // It is about who asked before.
      if (failure.status === 403 && this.#mayWrite) {
        this.#mayWrite = false;
        return await this.#token();
      }
      this.#failure = failure;
      // Who may not, or a km without sessions: asking again changes nothing.
      if ([401, 403, 404, 501].includes(failure.status)) {
        this.#status = "unavailable";
        const link = this.#link;
        setTimeout(() => link?.[Symbol.dispose]());
      }
      this.#changed();
      throw failure;
    }
  }

  /** Sessions that ended are not told over the socket, and those that ended while there was no connection. */
  async #load(): Promise<void> {
    try {
      const known = await askSessions(this.#abort.signal);
      const ids = new Set(known.map(({ id }) => id));
      for (const session of known) this.#put(session);
      for (const id of this.#sessions.keys()) if (!ids.has(id)) this.#sessions.delete(id);
      this.#isLoaded = true;
      this.#failure = null;
    } catch (cause) {
      this.#failure = asFailure(cause);
    }
    this.#changed();
  }

  #take(id: string, event: WireEvent): void {
    if (event.event === "session" || event.event === "state") this.#put(event.session);
    if (event.event === "removed") {
      this.#sessions.delete(id);
      this.#missed.delete(id);
    }
    for (const listener of [...this.#eventListeners]) listener(id, event);
    this.#changed();
  }

  #put(session: SessionBody): void {
    const before = this.#sessions.get(session.id);
    this.#sessions.set(session.id, session);
    // Shown on a page that is hidden, it is seen by whoever else looks, and km cannot tell that from nobody.
    const isMissed = this.#lookedAt === session.id && document.visibilityState !== "visible";
    const notice = noticeOf(
      before?.state,
      session,
      session.seen && !isMissed || this.#isLookingAt(session.id),
    );
    if (notice) {
      if (isMissed) this.#missed.add(session.id);
      showNotice(notice, session.id, () => navigate(sessionHref(session.number)));
    }
    if (!session.seen) this.#look();
    this.#changed();
  }

  #isLookingAt(id: string): boolean {
    return this.#lookedAt === id && document.visibilityState === "visible";
  }

  #look(): void {
    const session = this.#lookedAt === null ? undefined : this.#sessions.get(this.#lookedAt);
    if (!session || !this.#isLookingAt(session.id)) return;
    if (this.#missed.delete(session.id)) this.#changed();
    if (session.seen) return;
    this.#sessions.set(session.id, { ...session, seen: true });
    markSeen(session.id).catch(() => {}); // Who only reads may not say so; nothing is lost.
    this.#changed();
  }

  /** Floods of events are drawn some times a second; not by frames, which a hidden page has none of: its title is still read. */
  #changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const listener of [...this.#listeners]) listener();
    }, DRAW_EVERY_MS);
  }
}

/** The feed of this page. */
export const sessionsFeed: SessionsFeed = new SessionsFeed();
