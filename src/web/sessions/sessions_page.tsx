/** Sessions: programs in terminals that go on without a window; and tasks. @module */
import "./sessions.css";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { navigate, setParams, usePlace } from "../shell/router.ts";
import { sessionHref } from "../shell/links.ts";
import { Choice } from "../ui/choice.tsx";
import { ErrorNote } from "../ui/error_note.tsx";
import { PageHead } from "../ui/page_head.tsx";
import { Connection } from "./connection.tsx";
import { NoticeButton } from "./notice_button.tsx";
import { SessionPage } from "./session_page.tsx";
import { SessionsList } from "./sessions_list.tsx";
import { StartDialog } from "./start_dialog.tsx";
import { TaskDialog } from "./task_dialog.tsx";
import { TasksList } from "./tasks_list.tsx";
import { useSessions } from "./use_sessions.ts";

/** All of them, or the one of `number`. */
export function SessionsPage({ number }: { readonly number: number | null }): JSX.Element {
  const feed = useSessions();
  return number === null ? <AllSessions /> : <SessionPage key={number} number={number} feed={feed} />;
}

const TABS = [{ value: "sessions", label: "Terminals" }, { value: "tasks", label: "Tasks" }] as const;

function AllSessions(): JSX.Element {
  const feed = useSessions();
  const { params } = usePlace();
  const filter = params.get("filter") ?? "";
  const tab = params.get("tab") === "tasks" ? "tasks" : "sessions";
  const [isStarting, setStarting] = useState(false);
  const [tasksTurn, setTasksTurn] = useState(0);
  return (
    <>
      <PageHead title="Sessions" note={<Connection feed={feed} />}>
        {tab === "sessions" && feed.sessions.size > 6 && (
          <input
            class="input sessions-filter"
            type="search"
            placeholder="Filter"
            aria-label="Filter by name, provider or folder"
            value={filter}
            onInput={({ currentTarget }) => setParams({ filter: currentTarget.value })}
          />
        )}
        <Choice
          label="What is shown"
          options={TABS}
          value={tab}
          onChoose={(value) => setParams({ tab: value === "tasks" ? "tasks" : null, task: null })}
        />
        <NoticeButton />
        <button
          type="button"
          class="button primary"
          disabled={!feed.mayWrite}
          onClick={() => setStarting(true)}
        >
          {tab === "tasks" ? "Submit a task" : "Start a session"}
        </button>
      </PageHead>
      {feed.failure !== null && <ErrorNote error={feed.failure} />}
      {tab === "tasks"
        ? <TasksList turn={tasksTurn} mayWrite={feed.mayWrite} />
        : <SessionsList feed={feed} filter={filter} onStart={() => setStarting(true)} />}
      {isStarting && tab === "sessions" && (
        <StartDialog
          onStarted={(session) => {
            feed.put(session);
            navigate(sessionHref(session.number));
          }}
          onClose={() => setStarting(false)}
        />
      )}
      {isStarting && tab === "tasks" && (
        <TaskDialog
          onSubmitted={() => {
            setStarting(false);
            setTasksTurn((turn) => turn + 1);
          }}
          onClose={() => setStarting(false)}
        />
      )}
    </>
  );
}
