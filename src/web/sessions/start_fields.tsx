/** The choices of a program and of full access. @module */
import type { JSX } from "preact";
import { printable } from "../../core/printable.ts";
import type { ProviderChoice } from "./session_requests.ts";

export interface ProviderChoicesProps {
  /** Null: on their way. */
  readonly providers: readonly ProviderChoice[] | null;
  readonly chosen: ProviderChoice | null;
  onChoose(name: string): void;
}

export function ProviderChoices({ providers, chosen, onChoose }: ProviderChoicesProps): JSX.Element {
  return (
    <fieldset class="start-providers">
      <legend>Program</legend>
      {providers === null && <span class="skeleton start-skeleton" aria-busy="true" />}
      {providers?.map((one) => (
        <label key={one.name}>
          <input
            type="radio"
            class="sr-only"
            name="provider"
            value={one.name}
            checked={one === chosen}
            onChange={() => onChoose(one.name)}
          />
          <span>
            <strong>{printable(one.title)}</strong>
            {!one.isInstalled && <span class="sub">not found</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** Off, asked for, or asked for and confirmed. */
export type FullAccess = "no" | "asked" | "sure";

export function FullAccessChoice(
  { value, onChoose }: { readonly value: FullAccess; onChoose(value: FullAccess): void },
): JSX.Element {
  return (
    <div class={`start-full${value === "no" ? "" : " is-on"}`}>
      <label>
        <input
          type="checkbox"
          checked={value !== "no"}
          onChange={({ currentTarget }) => onChoose(currentTarget.checked ? "asked" : "no")}
        />
        <strong>Full access</strong>
      </label>
      <p>
        Switches its own safeguards off: it runs commands and changes files without asking. This is recorded.
      </p>
      {value !== "no" && (
        <label>
          <input
            type="checkbox"
            checked={value === "sure"}
            onChange={({ currentTarget }) => onChoose(currentTarget.checked ? "sure" : "asked")}
          />
          <span>Yes, it may do anything that I may on this machine</span>
        </label>
      )}
    </div>
  );
}
