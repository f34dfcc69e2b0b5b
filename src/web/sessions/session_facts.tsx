/** What is known of a session beside its screen: facts, states, commands, what can be taken away. @module */
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { printable, printableLines } from "../../core/printable.ts";
import { Ago, Clock } from "../ui/time.tsx";
import { askText, recordingHref } from "./session_requests.ts";
import { lookOf, type SessionBody } from "./session_states.ts";
import type { Happenings } from "./use_commands.ts";

/** How many of the newest are shown. */
const STATES_SHOWN = 30, COMMANDS_SHOWN = 20;

export function SessionFacts(
  { session, commands: { commands, states } }: {
    readonly session: SessionBody;
    readonly commands: Happenings;
  },
): JSX.Element {
  return (
    <aside class="card session-facts" aria-label="About this session">
      <section class="detail-part">
        <dl class="facts">
          <Fact name="Program">{printable(session.provider)}</Fact>
          <Fact name="Command">
            <code>{printable(session.command.join(" "))}</code>
          </Fact>
          <Fact name="Folder">
            <code>{printable(session.cwd)}</code>
          </Fact>
          {session.title !== "" && <Fact name="Title">{printable(session.title)}</Fact>}
          <Fact name="Started">
            <Ago iso={session.createdAt} /> by {printable(session.createdBy)}
          </Fact>
          {session.endedAt !== null && (
            <Fact name="Ended">
              <Ago iso={session.endedAt} />
            </Fact>
          )}
          <Fact name="Size">{session.size.cols} × {session.size.rows}</Fact>
          <Fact name="Viewers">
            {session.viewers}
            {session.sizeOwner !== null && `, size by ${printable(session.sizeOwner)}`}
          </Fact>
        </dl>
        <Exports session={session} />
      </section>
      <section class="detail-part">
        <h3>States</h3>
        {states.length === 0 ? <p class="sub">None is known yet</p> : (
          <ol class="happenings">
            {states.slice(-STATES_SHOWN).reverse().map(({ time, state, reason, source }) => (
              <li key={`${time} ${state}`}>
                <Clock iso={time} />
                <span>
                  <strong>{lookOf(state).label}</strong>
                  <span class="sub">{printable(reason)} ({source})</span>
                </span>
              </li>
            ))}
          </ol>
        )}
      </section>
      {commands.length > 0 && (
        <section class="detail-part">
          <h3>Commands</h3>
          <ol class="happenings">
            {commands.slice(-COMMANDS_SHOWN).reverse().map(({ id, text, state, by, queuedAt, outcome }) => (
              <li key={id}>
                <Clock iso={queuedAt} />
                <span>
                  <span class="happening-text" title={printableLines(text)}>{printable(text)}</span>
                  <span class="sub">
                    {state} · {printable(by)}
                    {outcome !== null && ` · ${printable(outcome)}`}
                  </span>
                </span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </aside>
  );
}

function Fact(
  { name, children }: { readonly name: string; readonly children: ComponentChildren },
): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Exports({ session }: { readonly session: SessionBody }): JSX.Element {
  const [problem, setProblem] = useState<string | null>(null);
  const saveText = async () => {
    try {
      save(new Blob([await askText(session.id)], { type: "text/plain" }), `${fileName(session)}.txt`);
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <p class="session-exports">
      <a class="button small" href={recordingHref(session.id)} download={`${fileName(session)}.cast`}>
        Export recording
      </a>
      <button type="button" class="button small" onClick={() => void saveText()}>Export text</button>
      {problem !== null && <span class="is-bad" role="alert">{printable(problem)}</span>}
    </p>
  );
}

/** Letters that every file system takes. */
function fileName({ name, number }: SessionBody): string {
  const safe = name.replace(/[^\w.-]+/g, "-").replace(/^[-.]+/, "");
  return safe === "" ? `session-${number}` : safe;
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
