/** Which settings stand together. Pure. @module */

export interface SettingGroup {
  readonly title: string;
  readonly note?: string;
  /** Keys, and beginnings of keys that end with a dot. */
  readonly keys: readonly string[];
}

export const GROUPS: readonly SettingGroup[] = [
  { title: "What is kept", note: "for how long, and how much", keys: ["retention.", "bufferSize"] },
  { title: "Secrets", note: "before anything is stored or shown", keys: ["redact"] },
  { title: "Money", note: "tokens times price", keys: ["model"] },
  { title: "Sessions", note: "how many, and what is kept of them", keys: ["sessions.", "tasks."] },
  { title: "Plugins", note: "what they may use up, and the licence for them", keys: ["plugins."] },
  // Takes what the others do not, so that a new setting is never invisible.
  { title: "Everything else", note: "monitors and the daemon", keys: [] },
];

/** The group of the setting called `key`. */
export function groupOf(key: string): SettingGroup {
  const found = GROUPS.find(({ keys }) =>
    keys.some((one) => one.endsWith(".") ? key.startsWith(one) : key === one)
  );
  return found ?? GROUPS.at(-1) as SettingGroup; // as: there is a last one
}
