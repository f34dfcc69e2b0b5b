/** One session: its terminal, what can be sent to it, what happened in it. @module */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { hasEnded } from "../../core/session.ts";
import { printable } from "../../core/printable.ts";
import { useSubjectTitle } from "../shell/title.ts";
import { Empty } from "../ui/empty.tsx";
import { ErrorNote } from "../ui/error_note.tsx";
import { Name } from "../ui/name.tsx";
import { Connection } from "./connection.tsx";
import { PromptBox } from "./prompt_box.tsx";
import { SessionActions } from "./session_actions.tsx";
import { SessionFacts } from "./session_facts.tsx";
import type { SessionsFeed } from "./sessions_feed.ts";
import type { SessionBody } from "./session_states.ts";
import { FullAccessTag, StateBadge } from "./state_badge.tsx";
import { TerminalPanel } from "./terminal_panel.tsx";
import { useCommands } from "./use_commands.ts";

export function SessionPage(
  { number, feed }: { readonly number: number; readonly feed: SessionsFeed },
): JSX.Element {
  const session = feed.byNumber(number);
  useSubjectTitle(session?.name ?? null);
  if (session) return <KnownSession session={session} feed={feed} />;
  if (feed.failure !== null) return <ErrorNote error={feed.failure} />;
  if (!feed.isLoaded) return <div class="skeleton sessions-skeleton" aria-busy="true" />;
  return (
    <Empty title={`There is no session ${number}`}>
      <a href="/sessions">See all sessions</a>
    </Empty>
  );
}

function KnownSession(
  { session, feed }: { readonly session: SessionBody; readonly feed: SessionsFeed },
): JSX.Element {
  const [problem, setProblem] = useState<string | null>(null);
  const commands = useCommands(session.id, feed);
  const isOver = hasEnded(session.state);
  useEffect(() => {
    feed.lookAt(session.id);
    return () => feed.lookAt(null);
  }, [session.id]);
  return (
    <div class={`session-page${session.fullAccess ? " is-full" : ""}`}>
      <header class="session-head">
        <a class="button small quiet" href="/sessions" aria-label="All sessions">‹ All</a>
        <h1>
          <Name text={session.name} />
        </h1>
        <StateBadge session={session} />
        {session.fullAccess && <FullAccessTag />}
        <span class="session-reason" title={printable(session.stateReason)}>
          {printable(session.stateReason)}
        </span>
        <Connection feed={feed} />
        <SessionActions session={session} mayWrite={feed.mayWrite} onProblem={setProblem} />
      </header>
      {problem !== null && (
        <div class="error-note" role="alert">
          <p>{printable(problem)}</p>
          <button type="button" class="button small" onClick={() => setProblem(null)}>Close</button>
        </div>
      )}
      <div class="session-body">
        <div class="session-main">
          <TerminalPanel session={session} mayWrite={feed.mayWrite} />
          {!isOver && feed.mayWrite && (
            <PromptBox session={session} commands={commands} onProblem={setProblem} />
          )}
        </div>
        <SessionFacts session={session} commands={commands} />
      </div>
    </div>
  );
}
