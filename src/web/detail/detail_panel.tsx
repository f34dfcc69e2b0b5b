/** The panel beside a list that tells more about one of its rows. Its subject is in the address. @module */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { useSubjectTitle } from "../shell/title.ts";
import { Name } from "../ui/name.tsx";

export interface DetailPanelProps {
  readonly title: string;
  readonly subtitle?: ComponentChildren;
  onClose(): void;
  readonly children: ComponentChildren;
}

/** Takes the focus when it opens or changes its subject; Escape closes it and gives the focus back. */
export function DetailPanel({ title, subtitle, onClose, children }: DetailPanelProps): JSX.Element {
  const id = useId();
  useSubjectTitle(title);
  const panel = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus({ preventScroll: true });
    if (matchMedia("(max-width: 1180px)").matches) panel.current?.scrollIntoView({ block: "start" });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [title]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onClose();
  };
  return (
    <aside class="card detail" aria-labelledby={id} ref={panel} onKeyDown={onKeyDown}>
      <header class="detail-head">
        <div>
          <h2 id={id} ref={heading} tabIndex={-1}>
            <Name text={title} />
          </h2>
          {subtitle !== undefined && <p class="sub">{subtitle}</p>}
        </div>
        <button type="button" class="button small" onClick={onClose}>Close</button>
      </header>
      {children}
    </aside>
  );
}

/** A part of the panel under a small heading. */
export function DetailPart(
  { title, children }: { readonly title: string; readonly children: ComponentChildren },
): JSX.Element {
  return (
    <section class="detail-part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** Names and what they are, one a line. Lines without a value are left out. */
export function Facts(
  { facts }: { readonly facts: readonly (readonly [string, ComponentChildren | null])[] },
): JSX.Element {
  return (
    <dl class="facts">
      {facts.filter(([, value]) => value !== null).map(([name, value]) => (
        <div key={name}>
          <dt>
            <Name text={name} />
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
