/** The keys of Live, shown on `?`. @module */
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { useModal } from "../ui/modal.ts";

const KEYS = [
  [["j", "↓"], "next message"],
  [["k", "↑"], "previous message"],
  [["Enter"], "open the message beside the table"],
  [["g"], "oldest message held"],
  [["G"], "newest message; follow"],
  [["Page ↑", "Page ↓"], "one screen up or down"],
  [["Space"], "pause, go on"],
  [["/"], "search"],
  [["Esc"], "close, or leave the search"],
  [["?"], "these keys"],
] as const;

export function KeysHelp({ onClose }: { onClose(): void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useModal(dialog);
  return (
    <dialog
      ref={dialog}
      class="keys-help"
      aria-labelledby="keys-help-title"
      onClose={onClose}
      onClick={({ target }) => target === dialog.current && dialog.current?.close()}
    >
      <div>
        <h2 id="keys-help-title">Keys</h2>
        <dl>
          {KEYS.map(([keys, meaning]) => (
            <div key={meaning}>
              <dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
        <button type="button" class="button small" onClick={() => dialog.current?.close()}>Close</button>
      </div>
    </dialog>
  );
}
