/** All sessions: who waits first, each with its terminal. @module */
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { printable } from "../../core/printable.ts";
import { sessionHref } from "../shell/links.ts";
import { Empty } from "../ui/empty.tsx";
import { Name } from "../ui/name.tsx";
import { Ago } from "../ui/time.tsx";
import { GROUP_TITLES, GROUPS, inOrder, type SessionBody } from "./session_states.ts";
import { SessionTile, shortPath } from "./session_tile.tsx";
import type { SessionsFeed } from "./sessions_feed.ts";
import { FullAccessTag, StateBadge } from "./state_badge.tsx";

/** Ended sessions that are shown at first. */
const ENDED_SHOWN = 10;

export function SessionsList(
  { feed, filter, onStart }: { readonly feed: SessionsFeed; readonly filter: string; onStart(): void },
): JSX.Element {
  const matching = feed.sessions.values().filter((session) => matches(session, filter)).toArray();
  const groups = inOrder(matching);
  if (feed.sessions.size === 0) {
    if (!feed.isLoaded && feed.failure === null) {
      return <div class="skeleton sessions-skeleton" aria-busy="true" />;
    }
    return (
      <Empty title="No sessions yet" command="km run claude">
        A session is a program in a terminal that goes on when you close the window. Start one here, or with
        {feed.mayWrite && (
          <p class="sessions-empty-action">
            <button type="button" class="button primary" onClick={onStart}>Start a session</button>
          </p>
        )}
      </Empty>
    );
  }
  if (matching.length === 0) return <Empty title={`No session matches "${filter}"`} />;
  return (
    <>
      {GROUPS.map((group) => {
        const sessions = groups.get(group) ?? [];
        if (sessions.length === 0) return null;
        return (
          <section key={group} class={`sessions-group is-${group}`} aria-label={GROUP_TITLES[group]}>
            <h2>
              {GROUP_TITLES[group]} <span class="sessions-count">{sessions.length}</span>
            </h2>
            {group === "ended" ? <EndedSessions sessions={sessions} /> : (
              <ul class="tiles">
                {sessions.map((session) => <SessionTile key={session.id} session={session} />)}
              </ul>
            )}
          </section>
        );
      })}
    </>
  );
}

/** Nothing moves in them any more: a line each is enough. */
function EndedSessions({ sessions }: { readonly sessions: readonly SessionBody[] }): JSX.Element {
  const [isAll, setAll] = useState(false);
  const shown = useMemo(() => isAll ? sessions : sessions.slice(0, ENDED_SHOWN), [isAll, sessions]);
  return (
    <div class="card ended">
      <ul>
        {shown.map((session) => (
          <li key={session.id} class={session.seen ? "" : "is-new"}>
            <a href={sessionHref(session.number)}>
              <Name text={session.name} />
            </a>
            <StateBadge session={session} />
            {session.fullAccess && <FullAccessTag />}
            <span class="ended-reason">{printable(session.stateReason)}</span>
            <span class="sub ended-cwd">{printable(shortPath(session.cwd))}</span>
            <span class="sub ended-age">
              <Ago iso={session.endedAt ?? session.stateSince} />
            </span>
          </li>
        ))}
      </ul>
      {shown.length < sessions.length && (
        <button
          type="button"
          class="button small quiet"
          onClick={() => setAll(true)}
        >
          Show all {sessions.length}
        </button>
      )}
    </div>
  );
}

function matches(session: SessionBody, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const text = [session.name, session.provider, session.cwd, session.title, session.number].join(" ")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}
