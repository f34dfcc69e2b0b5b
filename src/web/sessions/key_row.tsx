/** Keys that a phone's keyboard does not have. @module */
import type { JSX } from "preact";

const ESC = "\x1b";

export interface KeyRowProps {
  /** The next letter is sent with Ctrl. */
  readonly isCtrl: boolean;
  readonly hasApplicationCursor: () => boolean;
  onCtrl(isCtrl: boolean): void;
  onKeys(text: string): void;
}

const KEYS: readonly (readonly [label: string, name: string, keys: string])[] = [
  ["Esc", "Esc", ESC],
  ["Tab", "Tab", "\t"],
  ["↑", "Up", "A"],
  ["↓", "Down", "B"],
  ["←", "Left", "D"],
  ["→", "Right", "C"],
  ["|", "Pipe", "|"],
  ["/", "Slash", "/"],
  ["-", "Dash", "-"],
  ["⏎", "Enter", "\r"],
  ["Ctrl-C", "Ctrl-C", "\x03"],
];

export function KeyRow({ isCtrl, hasApplicationCursor, onCtrl, onKeys }: KeyRowProps): JSX.Element {
  const press = (keys: string) => {
    const isArrow = /^[A-D]$/.test(keys);
    onKeys(isArrow ? `${ESC}${hasApplicationCursor() ? "O" : "["}${keys}` : keys);
  };
  // The keyboard stays where it is: the terminal keeps the focus.
  const keepFocus = (event: Event) => event.preventDefault();
  return (
    <div class="key-row" role="toolbar" aria-label="Keys" onPointerDown={keepFocus} onMouseDown={keepFocus}>
      <button
        type="button"
        aria-pressed={isCtrl}
        onClick={() =>
          onCtrl(!isCtrl)}
      >
        Ctrl
      </button>
      {KEYS.map(([label, name, keys]) => (
        <button
          key={name}
          type="button"
          aria-label={name}
          onClick={() => press(keys)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

/** What a letter becomes while Ctrl is held; anything else stays as it is. */
export function withCtrl(bytes: Uint8Array): Uint8Array {
  const [byte = 0] = bytes;
  const isLetter = bytes.length === 1 && byte >= 0x40 && byte <= 0x7f;
  return isLetter ? Uint8Array.of(byte & 0x1f) : bytes;
}
