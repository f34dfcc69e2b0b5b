/** Searches what a terminal shows and remembers. @module */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export interface SearchBarProps {
  readonly found: { readonly index: number; readonly count: number };
  onFind(text: string, direction: "next" | "previous", isIncremental: boolean): void;
  onClose(): void;
}

export function SearchBar({ found, onFind, onClose }: SearchBarProps): JSX.Element {
  const [text, setText] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      class="terminal-search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onFind(text, "previous", false);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        onClose();
      }}
    >
      <input
        ref={field}
        class="input"
        type="search"
        aria-label="Search in the terminal"
        placeholder="Search in the terminal"
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          onFind(currentTarget.value, "previous", true);
        }}
      />
      <span class="terminal-found" role="status">{text === "" ? "" : foundText(found)}</span>
      <button type="submit" class="button small" aria-label="Previous match">↑</button>
      <button
        type="button"
        class="button small"
        aria-label="Next match"
        onClick={() => onFind(text, "next", false)}
      >
        ↓
      </button>
      <button type="button" class="button small quiet" onClick={onClose}>Close</button>
    </form>
  );
}

function foundText({ index, count }: SearchBarProps["found"]): string {
  if (count === 0) return "Nothing found";
  return index < 0 ? `${count}` : `${index + 1} of ${count}`;
}
