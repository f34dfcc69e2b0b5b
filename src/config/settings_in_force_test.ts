import { deepStrictEqual, equal, match } from "node:assert/strict";
import { retention } from "./config.ts";
import { LOOK_EVERY_MS, SettingsInForce } from "./settings_in_force.ts";

/** A config file, a clock and the settings that hold, looked at when the test says so. */
class Watched implements Disposable {
  readonly folder: string = Deno.makeTempDirSync();
  readonly path: string = `${this.folder}/config.jsonc`;
  readonly log: string[] = [];
  readonly settings: SettingsInForce;
  changes = 0;
  identity: string | null = null;
  isWatched = true;
  periodMs = 0;
  #nowMs = 0;
  #look: () => void = () => {};

  constructor(text: string, env: Readonly<Record<string, string>> = {}) {
    this.write(text);
    this.settings = new SettingsInForce({
      path: this.path,
      env: (name) => env[name],
      log: (line) => this.log.push(line),
      nowMs: () => this.#nowMs,
      identify: () => this.identity,
      every: (periodMs, look) => {
        this.periodMs = periodMs;
        this.#look = look;
        return () => this.isWatched = false;
      },
    });
    this.settings.onChange(() => void this.changes++);
  }

  /** Makes the file say `text`; null: there is none. */
  write(text: string | null): void {
    if (text === null) Deno.removeSync(this.path);
    else Deno.writeTextFileSync(this.path, text);
    this.identity = text === null ? null : crypto.randomUUID();
  }

  /** So many periods pass. */
  pass(periods = 1): void {
    for (let at = 0; at < periods; at++) {
      this.#nowMs += this.periodMs;
      this.#look();
    }
  }

  [Symbol.dispose](): void {
    this.settings[Symbol.dispose]();
    Deno.removeSync(this.folder, { recursive: true });
  }
}

Deno.test("SettingsInForce follows its file at the next look, and tells who listens and the log", () => {
  using file = new Watched('{"retention": {"days": 30}, "redact": "off"}');
  equal(file.settings.text("retention.days"), "30");
  file.write('{"retention": {"days": 3}, "redact": "off"}');
  equal(file.settings.text("retention.days"), "30");
  file.pass();
  equal(file.periodMs, LOOK_EVERY_MS);
  deepStrictEqual(file.settings.value("retention.days"), { text: "3", source: "file" });
  equal(file.changes, 1);
  deepStrictEqual(file.log, ['setting retention.days is "3" now (file)']);
});

Deno.test("SettingsInForce reads nothing while its file is the same, and tells nobody when no value is another", () => {
  using file = new Watched('{"grace": "4s"}');
  Deno.writeTextFileSync(file.path, '{"grace": "5s"}');
  file.pass(3);
  equal(file.settings.text("grace"), "4s");
  file.write('{"grace": "4s"} // the same');
  file.pass();
  deepStrictEqual([file.changes, file.log], [0, []]);
});

Deno.test("SettingsInForce prefers the environment to every change of the file", async () => {
  using file = new Watched('{"redact": "on"}', { KM_REDACT: "on" });
  file.write('{"redact": "off"}');
  await file.settings.reload();
  deepStrictEqual(file.settings.value("redact"), { text: "on", source: "environment" });
  equal(file.changes, 0);
});

const BROKEN = [["is broken", '{"redact": '], [
  "has a value that cannot be read",
  '{"redact": "offf"}',
]] as const;
for (const [what, text] of BROKEN) {
  Deno.test(`SettingsInForce keeps what holds when its file ${what}, and says so once`, () => {
    using file = new Watched('{"redact": "off"}');
    file.write(text);
    file.pass(5);
    file.write(`${text} // still`);
    file.pass(5);
    deepStrictEqual(file.settings.value("redact"), { text: "off", source: "file" });
    deepStrictEqual([file.changes, file.log.length], [0, 1]);
    match(file.log[0] ?? "", /config\.jsonc: .*what cannot be read there changes nothing/);
    file.write('{"redact": "on"}');
    file.pass();
    equal(file.settings.text("redact"), "on");
  });
}

Deno.test("SettingsInForce takes what is right beside what is wrong", () => {
  using file = new Watched('{"redact": "off"}');
  file.write('{"redact": 5, "unknown": 1, "grace": "9s"}');
  file.pass(2);
  deepStrictEqual([file.settings.text("redact"), file.settings.text("grace")], ["off", "9s"]);
});

Deno.test("SettingsInForce says at its start what is wrong with the file", () => {
  using file = new Watched('{"redact": ');
  equal(file.settings.text("redact"), "on");
  deepStrictEqual([file.log.length, retention(file.settings.options)], [2, null]);
  match(file.log[0] ?? "", /config\.jsonc: .*; what cannot be read there counts as not set$/);
  match(file.log[1] ?? "", /^nothing is deleted by age or size until this is mended: /);
});

Deno.test("SettingsInForce says at its start which variable leaves open how long events are kept", () => {
  using file = new Watched("{}", { KM_RETENTION_DAYS: "365x" });
  equal(file.log.length, 1);
  match(file.log[0] ?? "", /^nothing is deleted by age or size until this is mended: KM_RETENTION_DAYS: /);
});

Deno.test("SettingsInForce tells who listens when a file that left retention open was mended, but believes no half of an edit", () => {
  using file = new Watched('{"retention": {"dayz": 365}}');
  equal(retention(file.settings.options), null);
  file.write(""); // An editor has emptied it and not yet written it.
  file.pass();
  equal(retention(file.settings.options), null);
  file.write('{"retention": {"days": 7}}');
  file.pass();
  deepStrictEqual(retention(file.settings.options), { days: 7, maxBytes: 2_000_000_000 });
  equal(file.changes, 1);
});

for (const text of [null, ""]) {
  Deno.test(`SettingsInForce believes a file that is ${text === null ? "gone" : "empty"} only when it stays so`, () => {
    using file = new Watched('{"retention": {"days": 30}}');
    file.write(text);
    file.pass();
    equal(file.settings.text("retention.days"), "30", "half of an edit");
    file.write('{"retention": {"days": 40}}');
    file.pass();
    equal(file.settings.text("retention.days"), "40");
    file.write(text);
    file.pass(2);
    deepStrictEqual(file.settings.value("retention.days"), { text: "7", source: "default" });
  });
}

Deno.test("SettingsInForce.reload() settles when everybody took the change, also one that a look found before it", async () => {
  using file = new Watched("{}");
  const taken = Promise.withResolvers<void>();
  const order: string[] = [];
  file.settings.onChange(() => taken.promise);
  file.write('{"redact": "off"}');
  file.pass();
  const reloaded = file.settings.reload().then(() => order.push("reloaded"));
  // Whatever a settled promise would have run has run by then.
  await new Promise((resolve) => setTimeout(resolve));
  order.push("taken");
  taken.resolve();
  await reloaded;
  deepStrictEqual(order, ["taken", "reloaded"]);
});

Deno.test("SettingsInForce looks no more once it is disposed of", () => {
  using file = new Watched("{}");
  equal(file.isWatched, true);
  file.settings[Symbol.dispose]();
  equal(file.isWatched, false);
});

Deno.test("SettingsInForce sees a file that is written in place, replaced and removed", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/config.jsonc`;
  const time = { nowMs: 0 };
  const settings = new SettingsInForce({
    path,
    env: () => undefined,
    every: () => () => {},
    nowMs: () => time.nowMs,
  });
  const now = async () => {
    await settings.look();
    time.nowMs += LOOK_EVERY_MS;
    return settings.text("grace");
  };
  try {
    equal(await now(), "2s");
    Deno.writeTextFileSync(path, '{"grace": "10s"}');
    equal(await now(), "10s");
    Deno.writeTextFileSync(`${path}.new`, '{"grace": "11s"}');
    Deno.renameSync(`${path}.new`, path);
    equal(await now(), "11s");
    Deno.removeSync(path);
    equal(await now(), "11s");
    equal(await now(), "2s");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
