/** Reads fields of a manifest one by one, each once; what nobody read is unknown. @module */
import { refuseManifest, show } from "./refuse.ts";
import { isObject } from "./strict_json.ts";

/** The fields of one object of a manifest. Every method throws KmError not_trusted, naming the field. */
export class Fields {
  readonly #path: string;
  readonly #values: Map<string, unknown>;

  constructor(path: string, value: unknown) {
    if (!isObject(value)) throw refuseManifest(`${path || "it"} is ${show(value)}, and must be an object`);
    this.#path = path;
    this.#values = new Map(Object.entries(value));
  }

  /** The value of a field as it is; undefined where there is none. */
  take(name: string): unknown {
    const value = this.#values.get(name);
    this.#values.delete(name);
    return value;
  }

  /** A text that `pattern` matches whole. `form` says what it has to be. */
  text(name: string, maxLength: number, pattern: RegExp, form: string): string {
    const value = this.take(name);
    if (typeof value === "string" && value.length <= maxLength && pattern.test(value)) return value;
    throw this.wrong(name, value, form);
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.take(name);
    const choice = choices.find((one) => one === value);
    if (choice === undefined) throw this.wrong(name, value, `one of ${choices.join(", ")}`);
    return choice;
  }

  whole(name: string, least: number, most: number): number {
    const value = this.take(name);
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most) {
      return value;
    }
    throw this.wrong(name, value, `a whole number from ${least} to ${most}`);
  }

  /** A list without the same twice, each made of a text by `read`, which may throw. */
  list<T>(name: string, bounds: ListBounds, read: (text: string, path: string) => T): T[] {
    const value = this.take(name) ?? (bounds.least === 0 ? [] : undefined);
    if (!Array.isArray(value) || value.length < bounds.least || value.length > bounds.most) {
      throw this.wrong(name, value, `a list of ${bounds.least} to ${bounds.most} texts`);
    }
    const list = value.map((entry: unknown, at) => {
      if (typeof entry === "string") return read(entry, `${this.pathOf(name)}[${at}]`);
      throw this.wrong(`${name}[${at}]`, entry, "a text");
    });
    const twice = list.find((entry, at) => list.indexOf(entry) !== at);
    if (twice !== undefined) throw refuseManifest(`${this.pathOf(name)} names ${show(twice)} twice`);
    return list;
  }

  object(name: string): Fields {
    return new Fields(this.pathOf(name), this.take(name));
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** True where the field says nothing, or null, which it then no longer does. */
  isNothing(name: string): boolean {
    if (this.#values.get(name) === null) this.#values.delete(name);
    return !this.#values.has(name);
  }

  names(): string[] {
    return [...this.#values.keys()];
  }

  /** To be called when all that is known was read. */
  end(): void {
    const [unknown] = this.#values.keys();
    if (unknown === undefined) return;
    throw refuseManifest(
      `it has a field ${show(this.pathOf(unknown))}, which this km does not know`,
      "an unknown field could mean anything: if the package is for a newer km, update km",
    );
  }

  pathOf(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  wrong(name: string, value: unknown, form: string): ReturnType<typeof refuseManifest> {
    return refuseManifest(`${this.pathOf(name)} is ${show(value)}, and must be ${form}`);
  }
}

/** How many entries a list has; where none is enough, the list may be missing. */
export interface ListBounds {
  readonly least: number;
  readonly most: number;
}
