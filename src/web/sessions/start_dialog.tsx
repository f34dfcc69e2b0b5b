/** Starts a session: what, where, and whether it may do anything. @module */
import type { JSX } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { printable } from "../../core/printable.ts";
import { type ApiFailure, asFailure, useQuery } from "../shell/api.ts";
import { ErrorNote } from "../ui/error_note.tsx";
import { useModal } from "../ui/modal.ts";
import { splitArguments } from "./arguments.ts";
import { askProviders, startSession } from "./session_requests.ts";
import type { SessionBody } from "./session_states.ts";

const LAST_FOLDER = "km.sessions.folder";

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
  const [isFull, setFull] = useState(false);
  const [isSure, setSure] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const provider = providers?.find((one) => one.name === chosen) ??
    providers?.find(({ isInstalled }) => isInstalled) ?? providers?.[0];
  const parsed = splitArguments(args);
  const wantsFull = isFull && provider?.hasFullAccess === true;
  const isReady = provider !== undefined && parsed !== null && !isBusy && (!wantsFull || isSure);

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
        {(error ?? failure) && <ErrorNote error={error ?? failure as ApiFailure} />}
        <fieldset class="start-providers">
          <legend>Program</legend>
          {providers === null && error === null && <span class="skeleton start-skeleton" aria-busy="true" />}
          {providers?.map((one) => (
            <label key={one.name}>
              <input
                type="radio"
                class="sr-only"
                name="provider"
                value={one.name}
                checked={one === provider}
                onChange={() => {
                  setChosen(one.name);
                  setSure(false);
                }}
              />
              <span>
                <strong>{printable(one.title)}</strong>
                {!one.isInstalled && <span class="sub">not found</span>}
              </span>
            </label>
          ))}
        </fieldset>
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
        {provider?.hasFullAccess === true && (
          <div class={`start-full${wantsFull ? " is-on" : ""}`}>
            <label>
              <input
                type="checkbox"
                checked={isFull}
                onChange={({ currentTarget }) => {
                  setFull(currentTarget.checked);
                  setSure(false);
                }}
              />
              <strong>Full access</strong>
            </label>
            <p>
              Switches its own safeguards off: it runs commands and changes files without asking. This is
              recorded.
            </p>
            {wantsFull && (
              <label>
                <input
                  type="checkbox"
                  checked={isSure}
                  onChange={({ currentTarget }) => setSure(currentTarget.checked)}
                />
                <span>Yes, it may do anything that I may on this machine</span>
              </label>
            )}
          </div>
        )}
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
