import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { verifies } from "../../tests/verifies.ts";
import { KmError } from "../core/error.ts";
import { ApiKeys, parseScopes } from "./api_keys.ts";

const START_US = Date.UTC(2026, 10, 21) * 1000;

/** A home with a file of keys, seen by two: the command line and a daemon. */
function makeKeys() {
  const folder = new TempFolder();
  const time = { nowUs: START_US };
  const clock = { nowUs: () => time.nowUs };
  const path = `${folder.path}/home/keys.json`;
  return {
    path,
    time,
    cli: new ApiKeys(path, clock),
    daemon: new ApiKeys(path, clock),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

const code = (code: string) => (error: unknown) => error instanceof KmError && error.code === code;

Deno.test("ApiKeys.add() shows a key once and keeps only its hash, in a file of 0600", async () => {
  verifies("auth-keys");
  using keys = makeKeys();
  const key = await keys.cli.add("laptop", ["ingest"]);
  match(key, /^km_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/);
  const text = Deno.readTextFileSync(keys.path);
  ok(!text.includes(key.slice(16)), "the secret is not in the file");
  equal((Deno.statSync(keys.path).mode ?? 0) & 0o777, 0o600);
  deepEqual(keys.cli.list(), [
    { name: "laptop", scopes: ["ingest"], createdAt: "2026-11-21T00:00:00.000000Z", lastUsedAt: null },
  ]);
});

Deno.test("ApiKeys.identify() sees at once what another process added or revoked", async () => {
  verifies("auth-keys");
  using keys = makeKeys();
  await using daemon = keys.daemon;
  equal(daemon.identify(`km_${"0".repeat(12)}_${"x".repeat(43)}`), null);
  const key = await keys.cli.add("ci", ["read", "ingest"]);
  deepEqual(daemon.identify(key), { name: "ci", via: "key", scopes: ["ingest", "read"] });
  await keys.cli.revoke("ci");
  equal(daemon.identify(key), null);
});

Deno.test("ApiKeys.identify() refuses a key that is nearly right", async () => {
  using keys = makeKeys();
  const key = await keys.cli.add("a", ["read"]);
  const other = await keys.cli.add("b", ["read"]);
  const last = key.endsWith("A") ? "B" : "A";
  const forms = [
    key.slice(0, -1) + last,
    key.slice(0, 16) + other.slice(16),
    key + "x",
    ` ${key}`,
    key.toUpperCase(),
    "",
  ];
  for (const form of forms) equal(keys.cli.identify(form), null, form);
});

Deno.test("ApiKeys.identify() trusts no file that others can read", async () => {
  using keys = makeKeys();
  const key = await keys.cli.add("a", ["admin"]);
  Deno.chmodSync(keys.path, 0o644);
  equal(keys.daemon.identify(key), null);
  throws(() => keys.daemon.list(), code("store_unavailable"));
});

Deno.test("ApiKeys.add() loses no key when several processes add at once", async () => {
  verifies("auth-keys");
  using keys = makeKeys();
  const script = `import { ApiKeys } from ${JSON.stringify(new URL("./api_keys.ts", import.meta.url))};
    const keys = new ApiKeys(${JSON.stringify(keys.path)});
    for (let at = 0; at < 25; at++) await keys.add(Deno.args[0] + at, ["read"]);`;
  const processes = ["a", "b", "c", "d"].map((name) =>
    new Deno.Command(Deno.execPath(), { args: ["eval", script, name] }).output()
  );
  for (const { code, stderr } of await Promise.all(processes)) {
    equal(code, 0, new TextDecoder().decode(stderr));
  }
  equal(keys.cli.list().length, 100);
});

Deno.test("ApiKeys.add() refuses a name that is taken, or that could break a line, a header or a terminal", async () => {
  verifies("guard-paths");
  using keys = makeKeys();
  await keys.cli.add("taken", ["read"]);
  await rejects(keys.cli.add("taken", ["read"]), code("ambiguous"));
  for (
    const name of [
      "",
      "a b",
      "a\r\nSet-Cookie: x=1",
      "../x",
      "-x",
      ".x",
      "é",
      "x".repeat(65),
      "\u001b[2J",
      "a/b",
    ]
  ) {
    await rejects(keys.cli.add(name, ["read"]), code("usage"), name);
  }
});

Deno.test("ApiKeys.revoke() of a key that is not there says so", async () => {
  using keys = makeKeys();
  await rejects(keys.cli.revoke("nobody"), code("not_found"));
});

Deno.test("ApiKeys writes the last use at once, then once a minute, and the rest at its end", async () => {
  using keys = makeKeys();
  const lastUse = () => new ApiKeys(keys.path).list()[0]?.lastUsedAt;
  const key = await keys.cli.add("a", ["read"]);
  keys.daemon.identify(key);
  await keys.daemon[Symbol.asyncDispose]();
  equal(lastUse(), "2026-11-21T00:00:00.000000Z");
  keys.time.nowUs += 30_000_000;
  keys.daemon.identify(key);
  equal(keys.daemon.list()[0]?.lastUsedAt, "2026-11-21T00:00:30.000000Z");
  equal(lastUse(), "2026-11-21T00:00:00.000000Z");
  await keys.daemon[Symbol.asyncDispose]();
  equal(lastUse(), "2026-11-21T00:00:30.000000Z");
});

Deno.test("ApiKeys does not bring a revoked key back by writing its last use", async () => {
  using keys = makeKeys();
  const key = await keys.cli.add("a", ["read"]);
  keys.daemon.identify(key);
  await keys.cli.revoke("a");
  await keys.daemon[Symbol.asyncDispose]();
  deepEqual(keys.cli.list(), []);
});

Deno.test("ApiKeys says what is wrong with a file that is no list of keys", () => {
  using keys = makeKeys();
  Deno.mkdirSync(keys.path.replace(/\/[^/]*$/, ""));
  for (const text of ["", "[]", "{", '{"keys":[{"name":"a"}]}', '{"keys":[null]}']) {
    Deno.writeTextFileSync(keys.path, text, { mode: 0o600 });
    throws(() => new ApiKeys(keys.path).list(), code("store_unavailable"), text);
  }
});

Deno.test("parseScopes() reads a list and refuses other words", () => {
  deepEqual(parseScopes("ingest, read"), ["ingest", "read"]);
  for (const text of ["", "all", "read,", "Read"]) throws(() => parseScopes(text), code("usage"));
});

Deno.test.each(["token", "browser"])(
  'ApiKeys.add() names no key "%s": so events of callers without a key are marked',
  async (name) => {
    using keys = makeKeys();
    await rejects(keys.cli.add(name, ["ingest"]), code("usage"));
  },
);
