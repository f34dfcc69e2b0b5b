/** Where the data is, how much there is, and how to delete it. @module */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { formatBytes, plural } from "../../core/quantity.ts";
import { describeRemoved } from "../../core/removed.ts";
import { answer, api, type ApiFailure, asFailure } from "../shell/api.ts";
import type { Settings } from "../shell/contract.ts";
import { Card } from "../ui/card.tsx";
import { CopyLine } from "../ui/copy_line.tsx";
import { ErrorNote } from "../ui/error_note.tsx";
import { Ago } from "../ui/time.tsx";
import { ConfirmDialog } from "./confirm_dialog.tsx";

export interface DataCardProps extends Pick<Settings, "paths" | "store"> {
  onDeleted(): void;
}

const AGES = [["1d", "one day"], ["7d", "7 days"], ["30d", "30 days"], ["90d", "90 days"]] as const;

export function DataCard({ paths, store, onDeleted }: DataCardProps): JSX.Element {
  const [age, setAge] = useState("7d");
  const [asking, setAsking] = useState<"old" | "all" | null>(null);
  const [told, setTold] = useState("");
  const [deleting, setDeleting] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const ageName = AGES.find(([value]) => value === age)?.[1] ?? age;

  const prune = (json: { olderThan: string } | { all: true }) => {
    setAsking(null);
    setFailure(null);
    setDeleting(true);
    setTold("Deleting…");
    answer(api.prune.$post({ json })).then(({ wiped, ...removed }) => {
      setTold(
        `${describeRemoved(removed, "message")} deleted.${
          wiped === false ? " What was deleted may still be in the file until nobody else uses it." : ""
        }`,
      );
      onDeleted();
    }, (cause: unknown) => {
      setTold("");
      setFailure(asFailure(cause));
    }).finally(() => setDeleting(false));
  };

  return (
    <Card title="Your data" note="on this machine and nowhere else">
      <div class="card-body">
        <dl class="data-facts">
          <div>
            <dt>Recorded</dt>
            <dd>{plural(store.events, "message")} of {plural(store.runs, "run")}</dd>
          </div>
          <div>
            <dt>Size</dt>
            <dd>{formatBytes(store.sizeBytes)}</dd>
          </div>
          <div>
            <dt>Oldest</dt>
            <dd>
              <Ago iso={store.oldest} />
            </dd>
          </div>
          <div>
            <dt>Newest</dt>
            <dd>
              <Ago iso={store.newest} />
            </dd>
          </div>
          <div class="data-path">
            <dt>Database</dt>
            <dd>
              <code>{paths.database}</code>
            </dd>
          </div>
          <div class="data-path">
            <dt>Settings</dt>
            <dd>
              <code>{paths.config}</code>
            </dd>
          </div>
        </dl>
        {failure && <ErrorNote error={failure} />}
        <div class="data-delete">
          <div>
            <h3>Delete what is old</h3>
            <p>Also sessions that ended and tasks that are over. Statistics by day and names stay.</p>
            <div class="data-actions">
              <select
                class="input"
                aria-label="Older than"
                value={age}
                onChange={({ currentTarget }) => setAge(currentTarget.value)}
              >
                {AGES.map(([value, name]) => <option key={value} value={value}>older than {name}</option>)}
              </select>
              <button
                type="button"
                class="button danger"
                disabled={deleting}
                onClick={() => setAsking("old")}
              >
                Delete…
              </button>
            </div>
            <CopyLine
              text={`km prune --older-than ${age}`}
              label="Copy the command that deletes what is old"
            />
          </div>
          <div>
            <h3>Delete everything</h3>
            <p>Messages, statistics, names, sessions that ended and tasks. Settings and keys stay.</p>
            <div class="data-actions">
              <button
                type="button"
                class="button danger"
                disabled={deleting}
                onClick={() => setAsking("all")}
              >
                Delete everything…
              </button>
            </div>
            <CopyLine text="km prune --all" label="Copy the command that deletes everything" />
          </div>
        </div>
        <p class="data-told" role="status">{told}</p>
      </div>
      {asking === "old" && (
        <ConfirmDialog
          title={`Delete everything older than ${ageName}?`}
          action="Delete"
          onConfirm={() => prune({ olderThan: age })}
          onClose={() => setAsking(null)}
        >
          Messages, sessions that ended and tasks that are over; statistics by day and names stay. This cannot
          be undone.
        </ConfirmDialog>
      )}
      {asking === "all" && (
        <ConfirmDialog
          title={`Delete all ${plural(store.events, "message")}?`}
          action="Delete everything"
          typed="delete everything"
          onConfirm={() => prune({ all: true })}
          onClose={() => setAsking(null)}
        >
          Messages, statistics, the names of servers and tools, sessions that ended and tasks that are over
          are gone afterwards. This cannot be undone.
        </ConfirmDialog>
      )}
    </Card>
  );
}
