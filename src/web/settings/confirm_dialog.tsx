/** Asks before something that cannot be undone. @module */
import type { ComponentChildren, JSX } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { useModal } from "../ui/modal.ts";

export interface ConfirmDialogProps {
  readonly title: string;
  /** What the button says. */
  readonly action: string;
  /** Must be typed before the button works. */
  readonly typed?: string;
  readonly children: ComponentChildren;
  onConfirm(): void;
  onClose(): void;
}

export function ConfirmDialog(
  { title, action, typed, children, onConfirm, onClose }: ConfirmDialogProps,
): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const titleId = useId();
  useModal(dialog);
  const allowed = typed === undefined || text.trim().toLowerCase() === typed;
  return (
    <dialog ref={dialog} class="confirm" aria-labelledby={titleId} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (allowed) onConfirm();
        }}
      >
        <h2 id={titleId}>{title}</h2>
        <p>{children}</p>
        {typed !== undefined && (
          <label>
            <span>
              Type <strong>{typed}</strong> to go on
            </span>
            <input
              class="input"
              value={text}
              autocomplete="off"
              spellcheck={false}
              onInput={({ currentTarget }) => setText(currentTarget.value)}
            />
          </label>
        )}
        <div class="confirm-actions">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>Cancel</button>
          <button type="submit" class="button danger" disabled={!allowed}>{action}</button>
        </div>
      </form>
    </dialog>
  );
}
