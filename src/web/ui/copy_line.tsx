/** A line to be copied, with the button that does it. @module */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { printableLines } from "../../core/printable.ts";

/** How long "Copied" is told. */
const TOLD_MS = 1600;

/** Shows what cannot be seen by its escape; copies the text as it is. */
export function CopyLine({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  return (
    <div class="copy-line">
      <code tabIndex={0}>{printableLines(text)}</code>
      <CopyButton text={text} label={label} />
    </div>
  );
}

/** Copies `text`; tells so for a moment, also to screen readers. `label` says what is copied. */
export function CopyButton(
  { text, label, children }: { readonly text: string; readonly label: string; readonly children?: string },
): JSX.Element {
  const [told, setTold] = useState<string | null>(null);
  useEffect(() => {
    if (told === null) return;
    const timer = setTimeout(() => setTold(null), TOLD_MS);
    return () => clearTimeout(timer);
  }, [told]);
  const copy = () => {
    navigator.clipboard.writeText(text).then(() => setTold("Copied"), () => setTold("Not allowed"));
  };
  return (
    <button type="button" class="button small" aria-label={told ?? label} onClick={copy}>
      <span aria-live="polite">{told ?? children ?? "Copy"}</span>
    </button>
  );
}
