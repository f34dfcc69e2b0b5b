/** Tasks: one prompt each, what became of it, and what it cost. @module */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { printable, printableLines } from "../../core/printable.ts";
import { formatDuration } from "../../core/quantity.ts";
import { isTaskOver } from "../../core/task.ts";
import { type ApiFailure, asFailure, useQuery } from "../shell/api.ts";
import { setParams, usePlace } from "../shell/router.ts";
import { Empty } from "../ui/empty.tsx";
import { ErrorNote } from "../ui/error_note.tsx";
import { Ago, Clock } from "../ui/time.tsx";
import { shortPath } from "./session_tile.tsx";
import { FullAccessTag } from "./state_badge.tsx";
import { askTask, askTasks, cancelTask } from "./task_requests.ts";
import { type Task, taskCost, taskLook } from "./task_states.ts";

const REFRESH_MS = 2000;
const EXAMPLE = 'km tasks submit claude "What does this project do?"';

export function TasksList(
  { turn, mayWrite }: { readonly turn: number; readonly mayWrite: boolean },
): JSX.Element {
  const { params } = usePlace();
  const open = params.get("task");
  const { data: tasks, error, refresh } = useQuery(`tasks ${turn}`, askTasks, { refreshMs: REFRESH_MS });
  if (tasks === null && error === null) return <div class="skeleton sessions-skeleton" aria-busy="true" />;
  if (tasks === null && error !== null) return <ErrorNote error={error} retry={refresh} />;
  if (tasks?.length === 0) {
    return (
      <Empty title="No tasks yet" command={EXAMPLE}>
        A task gives one prompt to an agent and keeps what it answers. Submit one here, or with
      </Empty>
    );
  }
  return (
    <ul class="card tasks">
      {tasks?.map((task) => (
        <TaskItem
          key={task.id}
          task={task}
          isOpen={open === String(task.number)}
          mayWrite={mayWrite}
          onChange={refresh}
        />
      ))}
    </ul>
  );
}

interface TaskItemProps {
  readonly task: Task;
  readonly isOpen: boolean;
  readonly mayWrite: boolean;
  onChange(): void;
}

function TaskItem({ task, isOpen, mayWrite, onChange }: TaskItemProps): JSX.Element {
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const cost = taskCost(task);
  const cancel = () => {
    cancelTask(task.id).then(onChange, (cause) => setFailure(asFailure(cause)));
  };
  return (
    <li>
      <div class="task-line">
        <TaskBadge task={task} />
        <button
          type="button"
          class="task-prompt"
          aria-expanded={isOpen}
          onClick={() => setParams({ task: isOpen ? null : String(task.number) })}
        >
          {printable(task.prompt.slice(0, 300))}
        </button>
        {task.fullAccess && <FullAccessTag />}
        <span class="sub">{printable(task.provider)}</span>
        <span class="sub task-cwd wide-only">{printable(shortPath(task.cwd))}</span>
        {cost !== null && <span class="sub">{cost}</span>}
        <span class="sub">
          <Ago iso={task.endedAt ?? task.startedAt ?? task.createdAt} />
        </span>
        {!isTaskOver(task.state) && mayWrite && (
          <button
            type="button"
            class="button small"
            aria-label={`Cancel task ${task.number}`}
            onClick={cancel}
          >
            Cancel
          </button>
        )}
      </div>
      {task.reason !== task.state && <p class="task-reason">{printable(task.reason)}</p>}
      {failure !== null && <ErrorNote error={failure} />}
      {isOpen && <TaskDetail task={task} />}
    </li>
  );
}

function TaskBadge({ task: { state } }: { readonly task: Task }): JSX.Element {
  const { label, tone, sign } = taskLook(state);
  return (
    <span class={`state-badge ${tone}`}>
      <span class="state-sign" aria-hidden="true">{sign}</span>
      <span>{label}</span>
    </span>
  );
}

function TaskDetail({ task: brief }: { readonly task: Task }): JSX.Element {
  const { data, error } = useQuery(`task ${brief.id}`, (signal) => askTask(brief.id, signal), {
    ...(!isTaskOver(brief.state) && { refreshMs: REFRESH_MS }),
  });
  const task = data?.task ?? brief;
  const { metrics } = task;
  return (
    <div class="task-detail">
      {error !== null && <ErrorNote error={error} />}
      <h3>Prompt</h3>
      <pre class="task-text" tabIndex={0}>{printableLines(task.prompt)}</pre>
      {task.result !== null && (
        <>
          <h3>Result</h3>
          <pre class="task-text" tabIndex={0}>{printableLines(task.result)}</pre>
        </>
      )}
      <p class="task-metrics">
        {[
          metrics.turns !== null && `${metrics.turns} turns`,
          metrics.inputTokens !== null && `${metrics.inputTokens} tokens in`,
          metrics.outputTokens !== null && `${metrics.outputTokens} tokens out`,
          metrics.durationMs !== null && formatDuration(metrics.durationMs),
          `${task.attempts} ${task.attempts === 1 ? "attempt" : "attempts"}`,
          task.exitCode !== null && `exit code ${task.exitCode}`,
        ].filter((part) => part !== false).join(" · ")}
      </p>
      <h3>What happened</h3>
      <ol class="happenings">
        {data?.events.map(({ seq, time, kind, text }) => (
          <li key={seq}>
            <Clock iso={time} />
            <span>
              <strong>{kind}</strong>
              <span class="sub task-event">{printableLines(text)}</span>
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
