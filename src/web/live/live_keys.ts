/** What the keys of Live mean. Pure. @module */

export type LiveAction =
  | "next"
  | "previous"
  | "page_down"
  | "page_up"
  | "first"
  | "last"
  | "open"
  | "search"
  | "pause"
  | "close"
  | "help";

export interface KeyPress {
  readonly key: string;
  /** Ctrl, Alt or Meta: then it is the browser's. */
  readonly modified: boolean;
  /** Where the focus is: in a field that takes text, on something that Space or Enter works, in the grid, or anywhere else. */
  readonly focus: "text" | "control" | "grid" | "page";
}

const ANYWHERE: Readonly<Record<string, LiveAction>> = {
  j: "next",
  k: "previous",
  g: "first",
  G: "last",
  "/": "search",
  "?": "help",
};

/** Not where the focus is on something that these keys work already. */
const UNLESS_CONTROL: Readonly<Record<string, LiveAction>> = {
  ArrowDown: "next",
  ArrowUp: "previous",
  PageDown: "page_down",
  PageUp: "page_up",
  Home: "first",
  End: "last",
  Enter: "open",
  " ": "pause",
};

/** Returns what a key asks for; null when it is none of ours. */
export function actionOf({ key, modified, focus }: KeyPress): LiveAction | null {
  if (modified) return null;
  if (key === "Escape") return "close";
  if (focus === "text") return null;
  return ANYWHERE[key] ?? (focus === "control" ? null : UNLESS_CONTROL[key] ?? null);
}
