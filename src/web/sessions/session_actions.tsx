/** What ends, stops or goes on with a session; asked before. @module */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { hasEnded } from "../../core/session.ts";
import { sessionHref } from "../shell/links.ts";
import { navigate } from "../shell/router.ts";
import { ConfirmDialog } from "../settings/confirm_dialog.tsx";
import { endSession, removeSession, resumeSession, sendSignal } from "./session_requests.ts";
import { sessionsFeed } from "./sessions_feed.ts";
import type { SessionBody } from "./session_states.ts";

const SIGNALS = {
  SIGINT: "Interrupt (SIGINT)",
  SIGTERM: "Ask to end (SIGTERM)",
  SIGKILL: "Kill (SIGKILL)",
  SIGTSTP: "Stop (SIGTSTP)",
  SIGCONT: "Go on (SIGCONT)",
} as const;
type SignalName = keyof typeof SIGNALS;

interface Question {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  run(): Promise<unknown>;
}

export interface SessionActionsProps {
  readonly session: SessionBody;
  readonly mayWrite: boolean;
  onProblem(problem: string | null): void;
}

export function SessionActions({ session, mayWrite, onProblem }: SessionActionsProps): JSX.Element | null {
  const [question, setQuestion] = useState<Question | null>(null);
  if (!mayWrite) return <span class="tag">You may only look</span>;
  const run = (what: () => Promise<unknown>) => {
    setQuestion(null);
    onProblem(null);
    what().catch((error: Error) => onProblem(error.message));
  };
  return (
    <div class="session-actions">
      {hasEnded(session.state)
        ? <EndedActions session={session} ask={setQuestion} run={run} />
        : <LivingActions session={session} ask={setQuestion} />}
      {question && (
        <ConfirmDialog
          title={question.title}
          action={question.action}
          onConfirm={() => run(question.run)}
          onClose={() => setQuestion(null)}
        >
          {question.text}
        </ConfirmDialog>
      )}
    </div>
  );
}

function LivingActions(
  { session, ask }: { readonly session: SessionBody; ask(question: Question): void },
): JSX.Element {
  return (
    <>
      <select
        class="input session-signal"
        aria-label="Send a signal"
        value=""
        onChange={({ currentTarget }) => {
          const name = currentTarget.value as SignalName; // as: the options below are all there are
          currentTarget.value = "";
          ask({
            title: `Send ${name} to ${session.name}?`,
            text: `${
              SIGNALS[name]
            }: the program decides what that does, except for SIGKILL, which ends it at once.`,
            action: `Send ${name}`,
            run: () => sendSignal(session.id, name),
          });
        }}
      >
        <option value="" disabled>Signal…</option>
        {Object.entries(SIGNALS).map(([name, label]) => <option key={name} value={name}>{label}</option>)}
      </select>
      <button
        type="button"
        class="button small danger"
        onClick={() =>
          ask({
            title: `End ${session.name}?`,
            text: "Its program is asked to end, then made to. What it has not saved is lost.",
            action: "End it",
            run: () => endSession(session.id),
          })}
      >
        End
      </button>
    </>
  );
}

function EndedActions(
  { session, ask, run }: {
    readonly session: SessionBody;
    ask(question: Question): void;
    run(what: () => Promise<unknown>): void;
  },
): JSX.Element {
  const resume = async (isFull: boolean) => {
    const next = await resumeSession(session.id, isFull);
    sessionsFeed.put(next);
    navigate(sessionHref(next.number));
  };
  return (
    <>
      {session.isResumable && (
        <button
          type="button"
          class="button small primary"
          onClick={() => run(() => resume(false))}
        >
          Resume
        </button>
      )}
      {session.isResumable && session.fullAccess && (
        <button
          type="button"
          class="button small danger"
          onClick={() =>
            ask({
              title: `Resume ${session.name} with full access?`,
              text: "Its own safeguards stay off: it runs commands and changes files without asking.",
              action: "Resume with full access",
              run: () => resume(true),
            })}
        >
          Resume with full access
        </button>
      )}
      <button
        type="button"
        class="button small danger"
        onClick={() =>
          ask({
            title: `Remove ${session.name}?`,
            text: "All it wrote, its commands and its history are deleted. This cannot be undone.",
            action: "Remove it",
            run: async () => {
              await removeSession(session.id);
              navigate("/sessions");
            },
          })}
      >
        Remove
      </button>
    </>
  );
}
