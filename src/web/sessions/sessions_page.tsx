/** Sessions: programs in terminals that go on without a window; and tasks. @module */
import "./sessions.css";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { navigate, setParams, usePlace } from "../shell/router.ts";
import { sessionHref } from "../shell/links.ts";
import { ErrorNote } from "../ui/error_note.tsx";
import { PageHead } from "../ui/page_head.tsx";
import { Connection } from "./connection.tsx";
import { NoticeButton } from "./notice_button.tsx";
import { SessionPage } from "./session_page.tsx";
import { SessionsList } from "./sessions_list.tsx";
import { StartDialog } from "./start_dialog.tsx";
import { useSessions } from "./use_sessions.ts";

/** All of them, or the one of `number`. */
export function SessionsPage({ number }: { readonly number: number | null }): JSX.Element {
  const feed = useSessions();
  return number === null ? <AllSessions /> : <SessionPage key={number} number={number} feed={feed} />;
}

function AllSessions(): JSX.Element {
  const feed = useSessions();
  const { params } = usePlace();
  const filter = params.get("filter") ?? "";
  const [isStarting, setStarting] = useState(false);
  return (
    <>
      <PageHead title="Sessions" note={<Connection feed={feed} />}>
        {feed.sessions.size > 6 && (
          <input
            class="input sessions-filter"
            type="search"
            placeholder="Filter"
            aria-label="Filter by name, provider or folder"
            value={filter}
            onInput={({ currentTarget }) => setParams({ filter: currentTarget.value })}
          />
        )}
        <NoticeButton />
        <button
          type="button"
          class="button primary"
          disabled={!feed.mayWrite}
          onClick={() => setStarting(true)}
        >
          Start a session
        </button>
      </PageHead>
      {feed.failure !== null && <ErrorNote error={feed.failure} />}
      <SessionsList feed={feed} filter={filter} onStart={() => setStarting(true)} />
      {isStarting && (
        <StartDialog
          onStarted={(session) => {
            feed.put(session);
            navigate(sessionHref(session.number));
          }}
          onClose={() => setStarting(false)}
        />
      )}
    </>
  );
}
