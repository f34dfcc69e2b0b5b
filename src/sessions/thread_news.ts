/** What the sessions thread says of a session, applied to it. @module */
import { hasEnded, isWaiting, type Session } from "../core/session.ts";
import { type BookEntry, viewOf } from "./session_book.ts";
import type { SessionsThread, ThreadNews } from "./sessions_thread.ts";
import type { SessionEvent } from "./viewer.ts";

export interface NewsDeps {
  readonly thread: SessionsThread;
  readonly tell: (id: string, event: SessionEvent) => void;
  readonly store: (id: string, changes: Partial<Pick<Session, "seen" | "resumeId">>) => void;
}

/** News of one session. */
export type SessionNews = Exclude<ThreadNews, { kind: "log" | "parsed" }>;

export function applyNews(entry: BookEntry, news: SessionNews, { thread, tell, store }: NewsDeps): void {
  const { live, queue } = entry;
  const { id, number } = live.facts;
  switch (news.kind) {
    case "reply":
      live.pty?.write(news.bytes);
      return;
    case "state": {
      const { state, reason, source, timeUs } = news.change;
      const mustBeSeen = isWaiting(state) || hasEnded(state);
      const seen = live.isLookedAt || (live.facts.seen && !mustBeSeen);
      live.change({ state, stateReason: reason, stateSource: source, stateSinceUs: timeUs, seen });
      if (mustBeSeen) store(id, { seen });
      queue.stateChanged();
      tell(id, { event: "state", change: news.change, session: viewOf(entry) });
      return;
    }
    case "title":
      live.change({ title: news.title });
      return;
    case "paste":
      live.isBracketedPaste = news.isBracketed;
      return;
    case "conversation":
      live.change({ resumeId: news.resumeId });
      store(id, { resumeId: news.resumeId });
      return;
    case "foreground":
      if (live.pty) thread.foreground(number, live.isAtPrompt);
      return;
    case "notification":
      tell(id, { event: "notification", text: news.text });
      return;
  }
}
