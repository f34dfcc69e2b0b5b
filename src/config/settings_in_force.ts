/**
 * The settings that hold in a program that runs for weeks, while people change them: the environment, then the config file as it is now.
 * A file that cannot be read changes nothing: what held goes on to hold, and the log says so once. At the start nothing held yet: then
 * nothing may be deleted by settings that cannot be read (`retention()` is null).
 * @module
 */
import {
  type ConfigFile,
  type ConfigOptions,
  NO_FILE,
  readConfigFile,
  type Retention,
  retention,
  retentionProblem,
  type SettingValue,
  settingValue,
} from "./config.ts";
import { type ReadEnv, readEnv } from "./environment.ts";
import { type SettingKey, SETTINGS } from "./settings.ts";

/** Settings as they are now, for who only asks. */
export interface Settings {
  value(key: SettingKey): SettingValue;
  text(key: SettingKey): string;
  /** For functions of `config.ts`. */
  readonly options: ConfigOptions;
  /** Looks whether the file changed; settles when everybody works with what it says. */
  look(): Promise<void>;
  /** Takes the file as it is, after it was written by us; settles as `look()`. */
  reload(): Promise<void>;
}

export interface SettingsInForceOptions {
  /** The config file. */
  readonly path: string;
  readonly env?: ReadEnv;
  readonly log?: (line: string) => void;
  /** Tests give others: another value whenever the file is another or was changed, null when there is none, */
  readonly identify?: (path: string) => string | null;
  readonly nowMs?: () => number;
  /** what runs `look` again and again; returns its end. */
  readonly every?: (periodMs: number, look: () => void) => () => void;
}

/** How late a change of the file is noticed. */
export const LOOK_EVERY_MS = 2_000;
/** A file that says nothing any more, or is broken, may be half of somebody's edit: believed when it is still so after this. */
const SETTLE_MS = 1_000;
const KEYS: readonly SettingKey[] = SETTINGS.map(({ key }) => key);

export class SettingsInForce implements Settings, Disposable {
  readonly #path: string;
  readonly #env: ReadEnv;
  readonly #identify: (path: string) => string | null;
  readonly #nowMs: () => number;
  readonly #log: (line: string) => void;
  readonly #endWatch: () => void;
  readonly #listeners: (() => Promise<void> | void)[] = [];
  #file = NO_FILE;
  /** Which file that was; undefined: none yet. */
  #identity: string | null | undefined;
  #doubt: { readonly identity: string | null; readonly sinceMs: number } | null = null;
  #values: ReadonlyMap<SettingKey, SettingValue>;
  /** The last problems that the log was told. */
  #told = "";
  /** Settles when everybody took the last change. */
  #taken: Promise<unknown> = Promise.resolve();

  constructor(options: SettingsInForceOptions) {
    this.#path = options.path;
    this.#env = options.env ?? readEnv;
    this.#identify = options.identify ?? identifyFile;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#log = options.log ?? (() => {});
    this.#identity = this.#identify(this.#path);
    this.#file = readConfigFile(this.#path);
    this.#values = this.#read();
    this.#tellProblems({ isFirst: true });
    this.#endWatch = (options.every ?? every)(LOOK_EVERY_MS, () => void this.look());
  }

  value(key: SettingKey): SettingValue {
    return this.#values.get(key) as SettingValue; // as: there is one for each key
  }

  text(key: SettingKey): string {
    return this.value(key).text;
  }

  get options(): ConfigOptions {
    return { env: this.#env, file: this.#file };
  }

  /** Calls `listener` after each change. Who waits for a change to be taken waits for what it returns. */
  onChange(listener: () => Promise<void> | void): void {
    this.#listeners.push(listener);
  }

  async look(): Promise<void> {
    const identity = this.#identify(this.#path);
    if (identity !== this.#identity) this.#take(identity, { isOurs: false });
    await this.#taken;
  }

  async reload(): Promise<void> {
    this.#take(this.#identify(this.#path), { isOurs: true });
    await this.#taken;
  }

  [Symbol.dispose](): void {
    this.#endWatch();
  }

  #take(identity: string | null, { isOurs }: { readonly isOurs: boolean }): void {
    const file = readConfigFile(this.#path, this.#file);
    if (!isOurs && this.#mayBeHalf(file, identity)) return;
    this.#doubt = null;
    this.#identity = identity;
    const problem = this.#retentionProblem;
    this.#file = file;
    this.#tellProblems({ isFirst: false });
    const before = this.#values;
    this.#values = this.#read();
    const changed = KEYS.filter((key) => before.get(key)?.text !== this.text(key));
    for (const key of changed) {
      this.#log(`setting ${key} is "${this.text(key)}" now (${this.value(key).source})`);
    }
    const isMended = problem !== null && this.#retentionProblem === null;
    if (isMended) this.#log("how long events are kept can be read again: deleting goes on");
    if (changed.length === 0 && !isMended) return;
    this.#taken = Promise.all([this.#taken, ...this.#listeners.map((listener) => listener())]);
  }

  #mayBeHalf(file: ConfigFile, identity: string | null): boolean {
    const isEmptied = file.values.size === 0 &&
      (this.#file.values.size > 0 || this.#retentionProblem !== null);
    if (!isEmptied && file.problems.length === 0) return false;
    if (this.#doubt?.identity !== identity) this.#doubt = { identity, sinceMs: this.#nowMs() };
    return this.#nowMs() - this.#doubt.sinceMs < SETTLE_MS;
  }

  #read(): ReadonlyMap<SettingKey, SettingValue> {
    return new Map(SETTINGS.map((setting) => [setting.key, settingValue(setting, this.options)]));
  }

  get #retentionProblem(): string | null {
    return retentionProblem(this.options);
  }

  #tellProblems({ isFirst }: { readonly isFirst: boolean }): void {
    const told = this.#file.problems.join("; ");
    const problem = this.#retentionProblem;
    if (told !== "" && told !== this.#told) {
      const effect = isFirst || problem !== null ? "counts as not set" : "changes nothing";
      this.#log(`${this.#path}: ${told}; what cannot be read there ${effect}`);
    }
    if (problem !== null && (isFirst || told !== this.#told)) {
      this.#log(`nothing is deleted by age or size until this is mended: ${problem}`);
    }
    this.#told = told;
  }
}

/** How long events are kept, by the file at `path` and the environment as they are whenever it is asked. */
export function retentionAt(path: string, env: ReadEnv = readEnv): () => Retention | null {
  const settings = new SettingsInForce({ path, env, every: () => () => {} });
  return () => {
    void settings.look(); // It has read the file when it returns; nobody listens whom it would have to wait for.
    return retention(settings.options);
  };
}

/** Another text for another file, and for the same one after a change. */
function identifyFile(path: string): string | null {
  try {
    const { dev, ino, size, mtime, ctime } = Deno.statSync(path);
    return [dev, ino, size, mtime?.getTime(), ctime?.getTime()].join(" ");
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? null : String(error);
  }
}

function every(periodMs: number, look: () => void): () => void {
  const timer = setInterval(look, periodMs);
  return () => clearInterval(timer);
}
