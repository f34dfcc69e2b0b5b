/** Gives a prompt to a provider. @module */
import type { JSX } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { type ApiFailure, asFailure, useQuery } from "../shell/api.ts";
import { ErrorNote } from "../ui/error_note.tsx";
import { useModal } from "../ui/modal.ts";
import { FullAccessChoice, LAST_FOLDER, ProviderChoices } from "./start_fields.tsx";
import { askProviders } from "./session_requests.ts";
import { submitTask } from "./task_requests.ts";
import type { Task } from "./task_states.ts";

export function TaskDialog(
  { onSubmitted, onClose }: { onSubmitted(task: Task): void; onClose(): void },
): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useModal(dialog);
  const { data: all, error } = useQuery("providers", askProviders);
  // A shell takes no prompt.
  const providers = all?.filter(({ name }) => name !== "shell") ?? null;
  const [chosen, setChosen] = useState<string | null>(null);
  const [folder, setFolder] = useState(() => localStorage.getItem(LAST_FOLDER) ?? "");
  const [prompt, setPrompt] = useState("");
  const [full, setFull] = useState<"no" | "asked" | "sure">("no");
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const provider = providers?.find(({ name }) => name === chosen) ??
    providers?.find(({ isInstalled }) => isInstalled) ?? providers?.[0];
  const wantsFull = full !== "no" && provider?.hasFullAccess === true;
  const isReady = provider !== undefined && prompt.trim() !== "" && folder.trim() !== "" && !isBusy &&
    (!wantsFull || full === "sure");
  const shown = error ?? failure;

  const submit = async () => {
    if (!isReady || !provider) return;
    setBusy(true);
    setFailure(null);
    try {
      const cwd = folder.trim();
      onSubmitted(
        await submitTask({ provider: provider.name, prompt, cwd, ...(wantsFull && { fullAccess: true }) }),
      );
      localStorage.setItem(LAST_FOLDER, cwd);
    } catch (cause) {
      setFailure(asFailure(cause));
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} class="confirm start-dialog" aria-labelledby={titleId} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h2 id={titleId}>Submit a task</h2>
        {shown !== null && <ErrorNote error={shown} />}
        <ProviderChoices
          providers={providers}
          chosen={provider ?? null}
          onChoose={(name) => {
            setChosen(name);
            setFull("no");
          }}
        />
        <label>
          <span>Prompt</span>
          <textarea
            class="input task-field"
            rows={5}
            value={prompt}
            onInput={({ currentTarget }) => setPrompt(currentTarget.value)}
          />
        </label>
        <label>
          <span>Folder</span>
          <input
            class="input mono"
            value={folder}
            placeholder="/absolute/path"
            spellcheck={false}
            autocomplete="off"
            onInput={({ currentTarget }) => setFolder(currentTarget.value)}
          />
        </label>
        {provider?.hasFullAccess === true && <FullAccessChoice value={full} onChoose={setFull} />}
        <div class="confirm-actions">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>Cancel</button>
          <button type="submit" class={`button ${wantsFull ? "danger" : "primary"}`} disabled={!isReady}>
            {wantsFull ? "Submit with full access" : "Submit"}
          </button>
        </div>
      </form>
    </dialog>
  );
}
