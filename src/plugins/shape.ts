/**
 * Reads JSON that must be exactly as km writes it: every field there, of its form, and no other.
 * What is wrong is said with its place: `plugins[0].version is "1.2"`.
 * @module
 */

/** Something is not as it must be; whoever asked says of which file. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** A value with the place where it stands. */
export class Shape {
  readonly value: unknown;
  readonly #place: string;

  constructor(value: unknown, place = "") {
    this.value = value;
    this.#place = place;
  }

  /** Reads text as JSON. @throws {ShapeError} */
  static parse(text: string): Shape {
    try {
      return new Shape(JSON.parse(text));
    } catch (error) {
      throw new ShapeError(`it is no JSON: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** The fields of an object that has these and no others. @throws {ShapeError} */
  fields<K extends string>(...names: readonly K[]): Readonly<Record<K, Shape>> {
    const found = this.#object();
    const extra = Object.keys(found).find((name) => !(names as readonly string[]).includes(name));
    if (extra !== undefined) throw new ShapeError(`${this.#at(extra)} is unknown`);
    const missing = names.find((name) => !Object.hasOwn(found, name));
    if (missing !== undefined) throw new ShapeError(`${this.#at(missing)} is missing`);
    return Object.fromEntries(names.map((name) => [name, this.#of(name, found[name])])) as Record<K, Shape>; // All of them, by the two checks.
  }

  /** One field of an object that may have others. @throws {ShapeError} when this is no object */
  field(name: string): Shape {
    return this.#of(name, this.#object()[name]);
  }

  /** Whether an object has a field. @throws {ShapeError} when this is no object */
  has(name: string): boolean {
    return Object.hasOwn(this.#object(), name);
  }

  /** Name and value of every field. @throws {ShapeError} */
  entries(mostEntries: number): readonly (readonly [string, Shape])[] {
    const all = Object.entries(this.#object());
    if (all.length > mostEntries) throw this.wrong(`has more than ${mostEntries} entries`);
    return all.map(([name, value]) => [name, this.#of(name, value)]);
  }

  /** @throws {ShapeError} */
  list<T>(read: (item: Shape) => T, mostItems: number): readonly T[] {
    if (!Array.isArray(this.value)) throw this.wrong();
    if (this.value.length > mostItems) throw this.wrong(`has more than ${mostItems} entries`);
    return this.value.map((item, at) => read(new Shape(item, `${this.#place}[${at}]`)));
  }

  /** @throws {ShapeError} */
  text(form: RegExp | ((text: string) => boolean) = () => true, mostChars = 4096): string {
    const { value } = this;
    const fits = typeof value === "string" && value.length <= mostChars &&
      (form instanceof RegExp ? form.test(value) : form(value));
    if (!fits) throw this.wrong();
    return value;
  }

  /** @throws {ShapeError} */
  choice<T extends string>(of: readonly T[]): T {
    const found = of.find((one) => one === this.value);
    if (found === undefined) throw this.wrong();
    return found;
  }

  /** A whole number from `least` on. @throws {ShapeError} */
  count(least = 0): number {
    if (typeof this.value !== "number" || !Number.isSafeInteger(this.value) || this.value < least) {
      throw this.wrong();
    }
    return this.value;
  }

  /** @throws {ShapeError} */
  flag(): boolean {
    if (typeof this.value !== "boolean") throw this.wrong();
    return this.value;
  }

  /** `read` of it, or null where it is null. */
  orNull<T>(read: (shape: Shape) => T): T | null {
    return this.value === null ? null : read(this);
  }

  /** ISO 8601 in UTC. @throws {ShapeError} */
  time(): string {
    return this.text((text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(text) && isDay(text));
  }

  /** What is wrong here, to be thrown. */
  wrong(how?: string): ShapeError {
    const shown = (JSON.stringify(this.value) ?? "missing").slice(0, 80);
    return new ShapeError(`${this.#place || "it"} ${how ?? `is ${shown}`}`);
  }

  #object(): Readonly<Record<string, unknown>> {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.wrong();
    return value as Record<string, unknown>; // Any object has such fields.
  }

  #of(name: string, value: unknown): Shape {
    return new Shape(value, this.#at(name));
  }

  #at(name: string): string {
    return this.#place === "" ? name : `${this.#place}.${name}`;
  }
}

/** `Date` takes the 31st of February for the 3rd of March. */
function isDay(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 19) === text.slice(0, 19);
}
