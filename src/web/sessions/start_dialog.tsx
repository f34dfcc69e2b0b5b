/** Starts a session: what, where, and whether it may do anything. @module */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { splitArguments } from "./arguments.ts";
import { startSession } from "./session_requests.ts";
import type { SessionBody } from "./session_states.ts";
import { FolderField, StartForm, useStartChoices } from "./start_form.tsx";

export function StartDialog(
  { onStarted, onClose }: { onStarted(session: SessionBody): void; onClose(): void },
): JSX.Element {
  const choices = useStartChoices();
  const [name, setName] = useState("");
  const [args, setArgs] = useState("");
  const parsed = splitArguments(args);
  const { provider, cwd, wantsFull } = choices;

  return (
    <StartForm
      title="Start a session"
      verb="Start"
      choices={choices}
      isReady={parsed !== null}
      onSubmit={async (provider) =>
        onStarted(
          await startSession({
            provider: provider.name,
            ...(cwd !== "" && { cwd }),
            ...(name.trim() !== "" && { name: name.trim() }),
            ...(parsed !== null && parsed.length > 0 && { args: parsed }),
            ...(wantsFull && { fullAccess: true }),
          }),
        )}
      onClose={onClose}
    >
      <FolderField choices={choices} placeholder="your home" />
      <div class="start-pair">
        <label>
          <span>Name</span>
          <input
            class="input"
            value={name}
            maxLength={64}
            placeholder={`${provider?.name ?? "session"}-…`}
            autocomplete="off"
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
        <label>
          <span>Arguments</span>
          <input
            class="input mono"
            value={args}
            spellcheck={false}
            autocomplete="off"
            aria-invalid={parsed === null}
            onInput={({ currentTarget }) => setArgs(currentTarget.value)}
          />
        </label>
      </div>
      {parsed === null && <p class="is-bad">A quote is not closed</p>}
    </StartForm>
  );
}
