/** What a session does, in a word, a sign and a colour. @module */
import type { JSX } from "preact";
import { lookOf, outcomeOf, type SessionBody } from "./session_states.ts";

export function StateBadge({ session }: { readonly session: SessionBody }): JSX.Element {
  const { label, tone, sign } = lookOf(session.state);
  const outcome = outcomeOf(session);
  return (
    <span class={`state-badge ${tone}`}>
      <span class="state-sign" aria-hidden="true">{sign}</span>
      <span>{outcome === null ? label : `${label}, ${outcome}`}</span>
    </span>
  );
}

/** Its safeguards are off: red, and said in words. */
export function FullAccessTag(): JSX.Element {
  return (
    <span class="full-access" title="It was started without its own safeguards: it may do anything you may">
      ⚠ Full access
    </span>
  );
}
