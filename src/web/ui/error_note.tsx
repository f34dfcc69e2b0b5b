/** A failure: what could not be done, and what can be done about it. @module */
import type { JSX } from "preact";
import { printable, printableLines } from "../../core/printable.ts";
import type { ApiFailure } from "../shell/api.ts";

export function ErrorNote(
  { error, retry }: { readonly error: ApiFailure; readonly retry?: () => void },
): JSX.Element {
  return (
    <div class="error-note" role="alert">
      <p>
        <strong>{printable(error.message)}</strong>
        {error.hint !== null && <span class="error-hint">{printableLines(error.hint)}</span>}
      </p>
      {retry !== undefined && <button type="button" class="button small" onClick={retry}>Try again</button>}
    </div>
  );
}
