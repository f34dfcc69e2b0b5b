/** Gives a prompt to a provider. @module */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { FolderField, StartForm, useStartChoices } from "./start_form.tsx";
import { submitTask } from "./task_requests.ts";
import type { Task } from "./task_states.ts";

export function TaskDialog(
  { onSubmitted, onClose }: { onSubmitted(task: Task): void; onClose(): void },
): JSX.Element {
  // A shell takes no prompt.
  const choices = useStartChoices(({ name }) => name !== "shell");
  const [prompt, setPrompt] = useState("");
  const { cwd, wantsFull } = choices;

  return (
    <StartForm
      title="Submit a task"
      verb="Submit"
      choices={choices}
      isReady={prompt.trim() !== "" && cwd !== ""}
      onSubmit={async ({ name }) =>
        onSubmitted(
          await submitTask({ provider: name, prompt, cwd, ...(wantsFull && { fullAccess: true }) }),
        )}
      onClose={onClose}
    >
      <label>
        <span>Prompt</span>
        <textarea
          class="input task-field"
          rows={5}
          value={prompt}
          onInput={({ currentTarget }) => setPrompt(currentTarget.value)}
        />
      </label>
      <FolderField choices={choices} placeholder="/absolute/path" />
    </StartForm>
  );
}
