/** Reads fields of an object of unknown shape; what is wrong is said, with its path, and replaced by what is harmless. @module */
import { suggest } from "../../core/suggest.ts";

/** An object from outside, and where its problems go. */
export class Fields {
  readonly #asked = new Set<string>();

  private constructor(
    readonly path: string,
    readonly values: Readonly<Record<string, unknown>>,
    readonly problems: string[],
  ) {}

  /** Null, with a problem: `value` is no object. */
  static of(value: unknown, path: string, problems: string[]): Fields | null {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      // As: an object, by the line above.
      return new Fields(path, value as Record<string, unknown>, problems);
    }
    problems.push(`${path}: must be an object`);
    return null;
  }

  /** The value as it is; undefined also for null. */
  value(key: string): unknown {
    this.#asked.add(key);
    return Object.hasOwn(this.values, key) ? this.values[key] ?? undefined : undefined;
  }

  wrong(key: string, what: string): void {
    this.problems.push(`${this.path}.${key}: ${what}`);
  }

  /** @param fallback when it is not there; null: it must be */
  text(key: string, fallback: string | null): string {
    const value = this.value(key);
    if (typeof value === "string") return value;
    if (value !== undefined) this.wrong(key, "must be a string");
    else if (fallback === null) this.wrong(key, "is missing");
    return fallback ?? "";
  }

  flag(key: string): boolean {
    const value = this.value(key);
    if (value !== undefined && typeof value !== "boolean") this.wrong(key, "must be true or false");
    return value === true;
  }

  whole(key: string, fallback: number, most: number): number {
    const value = this.value(key);
    if (value === undefined) return fallback;
    // As: isInteger says that it is a number.
    if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most) {
      return value as number;
    }
    this.wrong(key, `must be a whole number from 0 to ${most}`);
    return fallback;
  }

  /** A list of strings; null when it is not there. */
  texts(key: string): string[] | null {
    const value = this.value(key);
    if (value === undefined) return null;
    if (Array.isArray(value) && value.every((item): item is string => typeof item === "string")) return value;
    this.wrong(key, "must be a list of strings");
    return null;
  }

  textMap(key: string): Record<string, string> {
    const inner = this.inner(key);
    const entries = Object.keys(inner?.values ?? {}).map((name) => [name, inner?.text(name, null) ?? ""]);
    return Object.fromEntries(entries);
  }

  choice<T extends string>(key: string, choices: readonly T[], fallback: T | null): T {
    const value = this.value(key);
    const known = choices.find((choice) => choice === value);
    if (known !== undefined) return known;
    if (value !== undefined || fallback === null) this.wrong(key, `must be one of ${choices.join(", ")}`);
    // As: no list of choices here is empty.
    return fallback ?? choices[0] as T;
  }

  /** An object within; null when it is not there. */
  inner(key: string): Fields | null {
    const value = this.value(key);
    return value === undefined ? null : Fields.of(value, `${this.path}.${key}`, this.problems);
  }

  /** The objects of a list. */
  list(key: string): Fields[] {
    const value = this.value(key);
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.wrong(key, "must be a list");
      return [];
    }
    return value.flatMap((item, at) => Fields.of(item, `${this.path}.${key}[${at}]`, this.problems) ?? []);
  }

  /** A regular expression, or null with a problem. */
  pattern(key: string, flags: string): string | null {
    const value = this.text(key, "");
    return value === "" || !this.isPattern(key, value, flags) ? null : value;
  }

  /** A list of regular expressions, without those that are none. */
  patterns(key: string, flags: string): string[] {
    return (this.texts(key) ?? []).filter((source) => this.isPattern(key, source, flags));
  }

  isPattern(key: string, source: string, flags: string): boolean {
    try {
      new RegExp(source, flags);
      return true;
    } catch (error) {
      this.wrong(key, (error as Error).message);
      return false;
    }
  }

  /** Names keys that nobody asked for. */
  end(): void {
    for (const key of Object.keys(this.values)) {
      if (this.#asked.has(key)) continue;
      const near = suggest(key, this.#asked);
      this.wrong(key, near === undefined ? "is unknown" : `is unknown; did you mean "${near}"?`);
    }
  }
}
