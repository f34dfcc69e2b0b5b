/** What the peer of one WebSocket of sessions is told unasked: events of the sessions it is shown; of all it may see, and of tasks, when it watches. @module */
import type { SessionGrant } from "../../auth/session_tokens.ts";
import type { Sessions } from "../../sessions/sessions.ts";
import type { Tasks } from "../../sessions/tasks/tasks.ts";
import type { Outbox } from "./outbox.ts";
import type { ShownSessions } from "./shown_sessions.ts";

export interface EventFeedOptions {
  readonly sessions: Sessions;
  readonly tasks: Tasks | null;
  readonly outbox: Outbox;
  readonly shown: ShownSessions;
  /** What the client may, now; null: it is not known. */
  readonly grant: () => SessionGrant | null;
}

export class EventFeed {
  readonly #options: EventFeedOptions;
  #isWatching = false;
  #isOver = false;
  #unlisten: (() => void) | null = null;

  constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  /** From now on it tells of all. */
  watch(): void {
    this.#isWatching = true;
    this.update();
  }

  /** Listens while there is something to tell of: to be called when other sessions are shown. */
  update(): void {
    const wants = !this.#isOver && (this.#isWatching || this.#options.shown.size > 0);
    if (wants) this.#unlisten ??= this.#listen();
    else this.#hush();
  }

  /** Tells nothing any more. */
  end(): void {
    this.#isOver = true;
    this.#hush();
  }

  #hush(): void {
    this.#unlisten?.();
    this.#unlisten = null;
  }

  /** Returns what ends it. */
  #listen(): () => void {
    const { sessions, tasks, outbox, shown, grant } = this.#options;
    const offSessions = sessions.onEvent((id, event) => {
      const isShown = shown.all().some((one) => one.id === id);
      if ((isShown || this.#isWatching) && shown.maySee(id)) outbox.tell(id, event);
    });
    // Tasks are seen by who may see everything.
    const offTasks = tasks?.onChange((task) => {
      if (this.#isWatching && grant()?.sessions === null) outbox.tell(task.id, { event: "task", task });
    });
    return () => {
      offSessions();
      offTasks?.();
    };
  }
}
