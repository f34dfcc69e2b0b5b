/** What Live is narrowed to: fields that write the address. @module */
import type { JSX, RefObject } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { EVENT_KINDS } from "../../core/event.ts";
import { printable } from "../../core/printable.ts";
import { isNarrowed, type LiveFilters, NO_FILTERS } from "./live_filters.ts";

/** While somebody writes, the API is not asked with every letter. */
const SETTLED_MS = 300;

const DIRECTION_OPTIONS = [
  ["", "both ways"],
  ["client_to_server", "→ to the server"],
  ["server_to_client", "← to the client"],
] as const;

export interface FilterBarProps {
  readonly filters: LiveFilters;
  /** Names that were seen, to choose from. */
  readonly known: Readonly<Record<"server" | "method" | "tool", readonly string[]>>;
  readonly searchField: RefObject<HTMLInputElement | null>;
  onFilters(filters: LiveFilters): void;
}

export function FilterBar({ filters, known, searchField, onFilters }: FilterBarProps): JSX.Element {
  const set = (changes: Partial<LiveFilters>) => onFilters({ ...filters, ...changes });
  return (
    <form
      class="filter-bar"
      role="search"
      aria-label="Messages"
      onSubmit={(event) => event.preventDefault()}
    >
      <TextField
        name="search"
        label="Search in payloads"
        value={filters.search}
        field={searchField}
        onText={(search) => set({ search })}
      />
      <label class="filter-check">
        <input
          type="checkbox"
          checked={filters.outcome === "errors"}
          onChange={({ currentTarget }) => set({ outcome: currentTarget.checked ? "errors" : "" })}
        />
        <span>failures only</span>
      </label>
      <TextField
        name="server"
        label="Server"
        value={filters.server}
        options={known.server}
        onText={(server) => set({ server })}
      />
      <TextField
        name="method"
        label="Method"
        value={filters.method}
        options={known.method}
        onText={(method) => set({ method })}
      />
      <TextField
        name="tool"
        label="Tool"
        value={filters.tool}
        options={known.tool}
        onText={(tool) => set({ tool })}
      />
      <select
        class="input"
        aria-label="Kind"
        value={filters.kind}
        onChange={({ currentTarget }) =>
          set({ kind: EVENT_KINDS.find((kind) => kind === currentTarget.value) ?? "" })}
      >
        <option value="">any kind</option>
        {EVENT_KINDS.map((kind) => <option key={kind} value={kind}>{kind}</option>)}
      </select>
      <select
        class="input"
        aria-label="Direction"
        value={filters.direction}
        onChange={({ currentTarget }) =>
          set({ direction: DIRECTION_OPTIONS.find(([value]) => value === currentTarget.value)?.[0] ?? "" })}
      >
        {DIRECTION_OPTIONS.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
      </select>
      {filters.correlation !== "" && (
        <button
          type="button"
          class="button small"
          onClick={() => set({ correlation: "" })}
        >
          one run only <span aria-hidden="true">✕</span>
          <span class="sr-only">, remove</span>
        </button>
      )}
      {isNarrowed(filters) && (
        <button
          type="button"
          class="button small quiet"
          onClick={() => onFilters(NO_FILTERS)}
        >
          Remove filters
        </button>
      )}
    </form>
  );
}

interface TextFieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly options?: readonly string[];
  readonly field?: RefObject<HTMLInputElement | null>;
  onText(text: string): void;
}

/** Takes effect when somebody stops writing, presses Enter or leaves. */
function TextField({ name, label, value, options, field, onText }: TextFieldProps): JSX.Element {
  const [text, setText] = useState(value);
  const listId = useId();
  useEffect(() => setText(value), [value]);
  const settle = () => {
    if (text.trim() !== value) onText(text.trim());
  };
  useEffect(() => {
    const timer = setTimeout(settle, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <>
      <input
        class={`input filter-${name}${value === "" ? "" : " given"}`}
        type="search"
        name={name}
        aria-label={label}
        placeholder={label}
        value={text}
        autocomplete="off"
        spellcheck={false}
        {...(field && { ref: field })}
        {...(options && { list: listId })}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onChange={settle}
      />
      {options && (
        <datalist id={listId}>
          {options.map((option) => <option key={option} value={option} label={printable(option)} />)}
        </datalist>
      )}
    </>
  );
}
