/** A titled part of a page. @module */
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

export interface CardProps {
  readonly title: string;
  /** What stands at the right of the title: a link, a choice. */
  readonly aside?: ComponentChildren;
  /** A few words beside the title, quieter. */
  readonly note?: ComponentChildren;
  readonly class?: string;
  /** True while older content is shown than was asked for. */
  readonly busy?: boolean;
  readonly children: ComponentChildren;
}

/** A landmark named by its title. */
export function Card(
  { title, aside, note, class: name = "", busy = false, children }: CardProps,
): JSX.Element {
  const id = useId();
  return (
    <section class={`card ${name}`} aria-labelledby={id} aria-busy={busy}>
      <header class="card-head">
        <h2 id={id}>{title}</h2>
        {note !== undefined && <span class="card-note">{note}</span>}
        {aside !== undefined && <div class="card-aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}
