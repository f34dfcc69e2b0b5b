/** Starts a session: what, where, and whether it may do anything. @module */
import type { JSX } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { type ApiFailure, asFailure, useQuery } from "../shell/api.ts";
import { ErrorNote } from "../ui/error_note.tsx";
import { useModal } from "../ui/modal.ts";
import { splitArguments } from "./arguments.ts";
import { FullAccessChoice, LAST_FOLDER, ProviderChoices } from "./start_fields.tsx";
import { askProviders, startSession } from "./session_requests.ts";
import type { SessionBody } from "./session_states.ts";

export function StartDialog(
  { onStarted, onClose }: { onStarted(session: SessionBody): void; onClose(): void },
): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useModal(dialog);
  const { data: providers, error } = useQuery("providers", askProviders);
  const [chosen, setChosen] = useState<string | null>(null);
  const [folder, setFolder] = useState(() => localStorage.getItem(LAST_FOLDER) ?? "");
  const [name, setName] = useState("");
  const [args, setArgs] = useState("");
  const [full, setFull] = useState<"no" | "asked" | "sure">("no");
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const provider = providers?.find((one) => one.name === chosen) ??
    providers?.find(({ isInstalled }) => isInstalled) ?? providers?.[0];
  const parsed = splitArguments(args);
  const wantsFull = full !== "no" && provider?.hasFullAccess === true;
  const isReady = provider !== undefined && parsed !== null && !isBusy && (!wantsFull || full === "sure");

  const shown = error ?? failure;

  const start = async () => {
    if (!isReady || !provider || !parsed) return;
    setBusy(true);
    setFailure(null);
    try {
      const session = await startSession({
        provider: provider.name,
        ...(folder.trim() !== "" && { cwd: folder.trim() }),
        ...(name.trim() !== "" && { name: name.trim() }),
        ...(parsed.length > 0 && { args: parsed }),
        ...(wantsFull && { fullAccess: true }),
      });
      localStorage.setItem(LAST_FOLDER, folder.trim());
      onStarted(session);
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
          void start();
        }}
      >
        <h2 id={titleId}>Start a session</h2>
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
          <span>Folder</span>
          <input
            class="input mono"
            value={folder}
            placeholder="your home"
            spellcheck={false}
            autocomplete="off"
            onInput={({ currentTarget }) => setFolder(currentTarget.value)}
          />
        </label>
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
        {provider?.hasFullAccess === true && <FullAccessChoice value={full} onChoose={setFull} />}
        <div class="confirm-actions">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>Cancel</button>
          <button type="submit" class={`button ${wantsFull ? "danger" : "primary"}`} disabled={!isReady}>
            {wantsFull ? "Start with full access" : "Start"}
          </button>
        </div>
      </form>
    </dialog>
  );
}
