/** Names, ids and versions out of messages, as they may be stored. They come decoded: what an escape hid is plain here. @module */
import type { Redactor } from "../core/redact.ts";

/** Most messages say one of a few names: so many are remembered. */
const MAX_REMEMBERED = 512;
const MAX_REMEMBERED_LENGTH = 200;

/** Takes secrets out of short texts, again and again the same. */
export class NameCleaner {
  readonly #redactor: Redactor | null;
  readonly #known = new Map<string, string>();

  /** `redactor`: null when redaction is off. */
  constructor(redactor: Redactor | null) {
    this.#redactor = redactor;
  }

  clean<Name extends string | null>(name: Name): Name | string {
    if (name === null || this.#redactor === null) return name;
    return this.#known.get(name) ?? this.#learn(name, this.#redactor);
  }

  /** Of an id, its JSON text. Most are numbers, each a new one. */
  cleanId(idText: string): string {
    if (this.#redactor === null || !idText.startsWith('"')) return idText;
    return this.#redactor.text(idText);
  }

  #learn(name: string, redactor: Redactor): string {
    const cleaned = redactor.text(name);
    if (this.#known.size < MAX_REMEMBERED && name.length <= MAX_REMEMBERED_LENGTH) {
      this.#known.set(name, cleaned);
    }
    return cleaned;
  }
}
