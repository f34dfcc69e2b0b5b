/** The first line of a page: its name and what applies to all of it. @module */
import type { ComponentChildren, JSX } from "preact";

export function PageHead(
  { title, note, children }: {
    readonly title: string;
    readonly note?: ComponentChildren;
    readonly children?: ComponentChildren;
  },
): JSX.Element {
  return (
    <header class="page-head">
      <h1>{title}</h1>
      {note !== undefined && <span class="page-note">{note}</span>}
      {children !== undefined && <div class="page-controls">{children}</div>}
    </header>
  );
}
