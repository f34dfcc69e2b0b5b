/** Text of the contract: paragraphs, and `code` between backticks. @module */
import type { JSX } from "preact";

export function Prose({ text }: { readonly text: string }): JSX.Element {
  return (
    <>
      {text.split(/\n\s*\n/).filter((paragraph) => paragraph.trim() !== "").map((paragraph) => (
        <p key={paragraph} class="prose">
          <Inline text={paragraph} />
        </p>
      ))}
    </>
  );
}

/** One line of it. */
export function Inline({ text }: { readonly text: string }): JSX.Element {
  return <>{text.split("`").map((part, at) => at % 2 === 1 ? <code key={at}>{part}</code> : part)}</>;
}
