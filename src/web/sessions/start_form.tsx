/** The dialog in which something is started, be it a session or a task: with which program, where, and whether it may do anything. @module */
import type { ComponentChildren, JSX } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { type ApiFailure, asFailure, useQuery } from "../shell/api.ts";
import { ErrorNote } from "../ui/error_note.tsx";
import { useModal } from "../ui/modal.ts";
import { askProviders, type ProviderChoice } from "./session_requests.ts";
import { type FullAccess, FullAccessChoice, ProviderChoices } from "./start_fields.tsx";

/** Where the folder that was used last is remembered. */
const LAST_FOLDER = "km.sessions.folder";

/** What was chosen so far, and how the form changes it. */
export interface StartChoices {
  /** Null: on their way. */
  readonly providers: readonly ProviderChoice[] | null;
  readonly failure: ApiFailure | null;
  /** Undefined: there is none. */
  readonly provider: ProviderChoice | undefined;
  /** As it was typed. */
  readonly folder: string;
  /** The folder without blanks around it; empty: none. */
  readonly cwd: string;
  /** Asked for, and to be had. */
  readonly wantsFull: boolean;
  readonly full: FullAccess;
  readonly chooseProvider: (name: string) => void;
  readonly setFolder: (folder: string) => void;
  readonly setFull: (full: FullAccess) => void;
}

/** Offers the programs that `suits` takes; all when it is not given. */
export function useStartChoices(suits: (provider: ProviderChoice) => boolean = () => true): StartChoices {
  const { data, error } = useQuery("providers", askProviders);
  const [chosen, setChosen] = useState<string | null>(null);
  const [folder, setFolder] = useState(() => localStorage.getItem(LAST_FOLDER) ?? "");
  const [full, setFull] = useState<FullAccess>("no");
  const providers = data?.filter(suits) ?? null;
  const provider = providers?.find(({ name }) => name === chosen) ??
    providers?.find(({ isInstalled }) => isInstalled) ?? providers?.[0];
  return {
    providers,
    failure: error,
    provider,
    folder,
    cwd: folder.trim(),
    wantsFull: full !== "no" && provider?.hasFullAccess === true,
    full,
    chooseProvider(name) {
      setChosen(name);
      setFull("no");
    },
    setFolder,
    setFull,
  };
}

export interface StartFormProps {
  readonly title: string;
  /** What the button says. */
  readonly verb: string;
  readonly choices: StartChoices;
  /** The fields of its own are filled in. */
  readonly isReady: boolean;
  /** Starts it. What fails is shown, and the dialog stays. */
  onSubmit(provider: ProviderChoice): Promise<void>;
  onClose(): void;
  /** Its fields, between the program and full access. */
  readonly children: ComponentChildren;
}

export function StartForm(props: StartFormProps): JSX.Element {
  const { title, verb, choices, onClose, children } = props;
  const { providers, provider, wantsFull, full } = choices;
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useModal(dialog);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isReady = props.isReady && provider !== undefined && !isBusy && (!wantsFull || full === "sure");
  const shown = choices.failure ?? failure;

  const submit = async () => {
    if (!isReady || !provider) return;
    setBusy(true);
    setFailure(null);
    try {
      await props.onSubmit(provider);
      localStorage.setItem(LAST_FOLDER, choices.cwd);
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
        <h2 id={titleId}>{title}</h2>
        {shown !== null && <ErrorNote error={shown} />}
        <ProviderChoices
          providers={providers}
          chosen={provider ?? null}
          onChoose={choices.chooseProvider}
        />
        {children}
        {provider?.hasFullAccess === true && (
          <FullAccessChoice
            value={full}
            onChoose={choices.setFull}
          />
        )}
        <div class="confirm-actions">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>Cancel</button>
          <button type="submit" class={`button ${wantsFull ? "danger" : "primary"}`} disabled={!isReady}>
            {wantsFull ? `${verb} with full access` : verb}
          </button>
        </div>
      </form>
    </dialog>
  );
}

export function FolderField(
  { choices: { folder, setFolder }, placeholder }: {
    readonly choices: StartChoices;
    readonly placeholder: string;
  },
): JSX.Element {
  return (
    <label>
      <span>Folder</span>
      <input
        class="input mono"
        value={folder}
        placeholder={placeholder}
        spellcheck={false}
        autocomplete="off"
        onInput={({ currentTarget }) => setFolder(currentTarget.value)}
      />
    </label>
  );
}
