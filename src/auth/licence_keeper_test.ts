import assert from "node:assert/strict";
import { FakeLicenceServer } from "../../tests/fakes/licence_server.ts";
import { verifies } from "../../tests/verifies.ts";
import { covers } from "../core/plugin.ts";
import { describeLicence, type Licence, notCovered, tierOf } from "./licence.ts";
import { LicenceKeeper, LOOK_MS, readLicence, RECHECK_MS, signIn, signOut } from "./licence_keeper.ts";
import { askLicenceServer } from "./licence_server.ts";
import { makeSealKey, writeSealed } from "./sealed_file.ts";
import { DAY_S, FiredTimers, HOUR_S, LicenceHome, NOON_S } from "./testing_licence.ts";

const GRACE_S = 72 * HOUR_S;

/** A home that asks a licence server, real HTTP, which answers what a test sets. */
class Online implements AsyncDisposable {
  readonly home: LicenceHome;
  readonly server = new FakeLicenceServer();
  readonly deps: ReturnType<LicenceHome["deps"]>;

  private constructor(home: LicenceHome) {
    this.home = home;
    const ask = (token: string) => askLicenceServer(this.server.url, token, { fetch, timeoutMs: 2_000 });
    this.deps = home.deps({ graceS: GRACE_S, ask });
  }

  static async make(): Promise<Online> {
    return new Online(await LicenceHome.make());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    this.home[Symbol.dispose]();
  }
}

function shortly({ state, tier, customerId }: Licence): string {
  return [state, tier, customerId].join(" ");
}

Deno.test("no token means free, and no package is loaded for it", async () => {
  verifies("tiers");
  using home = await LicenceHome.make();
  const deps = {
    ...home.deps(),
    readToken: () => Promise.reject(new Error("Nobody reads what is not there")),
  };
  await using keeper = new LicenceKeeper(deps, new FiredTimers());
  assert.equal(shortly(await keeper.start()), "none free ");
  assert.equal(describeLicence(keeper.licence), "free (no licence)");
  assert.ok(covers("enterprise", "pro") && covers("pro", "free") && !covers("free", "pro"));
});

Deno.test("a licence opens its tier until its end, for the plugins it names", async () => {
  verifies("tiers");
  using home = await LicenceHome.make();
  const token = await home.token({ tier: "enterprise", plugins: ["tool-guard"] });
  const licence = await signIn(token, home.deps());
  assert.equal(shortly(licence), "valid enterprise c-42");
  assert.equal(
    describeLicence(licence),
    "enterprise, of c-42, for tool-guard only, until 2026-12-21",
  );
  assert.deepEqual([tierOf(licence, "tool-guard"), tierOf(licence, "other")], ["enterprise", "free"]);
  home.clock.nowS += 30 * DAY_S - 1;
  assert.equal(shortly(await readLicence(home.deps())), "valid enterprise c-42");
  home.clock.nowS += 1;
  const ended = await readLicence(home.deps());
  assert.equal(shortly(ended), "expired free ");
  assert.equal(describeLicence(ended), "free (licence expired: it ended 2026-12-21 12:00 UTC)");
});

Deno.test("notCovered() says why a plugin may not run", async () => {
  verifies("tiers");
  using home = await LicenceHome.make();
  const licence = await signIn(await home.token(), home.deps());
  using empty = await LicenceHome.make();
  const none = await readLicence(empty.deps());
  const plugin = { name: "p", requiredTier: "pro", customerId: null } as const;
  assert.equal(notCovered(licence, plugin), null);
  assert.equal(notCovered(licence, { ...plugin, customerId: "c-42" }), null);
  assert.equal(
    notCovered(licence, { ...plugin, requiredTier: "enterprise" }),
    'it needs the tier "enterprise", and the licence opens "pro"',
  );
  assert.equal(
    notCovered(none, plugin),
    'it needs the tier "pro", and the licence opens "free"; there is none',
  );
  assert.equal(
    notCovered(licence, { ...plugin, customerId: "c-1" }),
    "it was made for another customer than the licence names",
  );
});

Deno.test("signIn() refuses what opens nothing, and changes nothing then", async () => {
  verifies("tiers");
  using home = await LicenceHome.make();
  await signIn(await home.token(), home.deps());
  const bad = [
    ["no token", /no licence token/],
    [await home.token({ expiresAtS: NOON_S - 1 }), /it ended 2026-11-21 11:59 UTC/],
    [await home.token({ issuedAtS: NOON_S + DAY_S }), /it counts from 2026-11-22 12:00 UTC on: is the clock/],
  ] as const;
  for (const [token, message] of bad) {
    await assert.rejects(signIn(token, home.deps()), { code: "not_trusted", message });
  }
  assert.equal(shortly(await readLicence(home.deps())), "valid pro c-42");
});

Deno.test("signOut() forgets the token; a file that cannot be believed goes", async () => {
  verifies("tiers-sealed");
  using home = await LicenceHome.make();
  assert.equal(await signOut(home.deps()), false);
  await signIn(await home.token(), home.deps());
  assert.equal(await signOut(home.deps()), true);
  assert.equal(shortly(await readLicence(home.deps())), "none free ");
  assert.equal(await signOut(home.deps()), false);
  Deno.writeTextFileSync(home.file.path, "what is this");
  const licence = await readLicence(home.deps());
  assert.match(
    describeLicence(licence),
    /^free \(no licence: ".*licence" counts as not there: it was changed\)$/,
  );
  assert.equal(await signOut(home.deps()), true);
  assert.equal(await signOut(home.deps()), false);
});

Deno.test("a licence file is bound to being one, and worth nothing without its key", async () => {
  verifies("tiers-sealed");
  using home = await LicenceHome.make();
  const token = await home.token();
  await signIn(token, home.deps());
  const text = Deno.readTextFileSync(home.file.path);
  assert.doesNotMatch(text, /c-42/);
  assert.ok(
    !text.includes(token.slice(0, 12)),
    "what a JWT begins with; sealed bytes can hold less than that by chance",
  );
  const key = await makeSealKey(home.file.keyPath);
  const { record } = await home.file.read();
  await writeSealed(home.file.path, JSON.stringify(record), { key, boundTo: ["auth", "licence", "", ""] });
  assert.match((await readLicence(home.deps())).reason ?? "", /the file of something else/);
  Deno.writeTextFileSync(home.file.path, text);
  assert.equal((await readLicence(home.deps())).state, "valid");
  Deno.removeSync(home.file.keyPath);
  assert.match((await readLicence(home.deps())).reason ?? "", /the key that it was sealed with is gone/);
  assert.equal((await signIn(await home.token(), home.deps())).state, "valid", "signing in makes a new key");
});

Deno.test("LicenceKeeper checks every five minutes, tells of the end, and stops when disposed of", async () => {
  verifies("tiers-recheck");
  using home = await LicenceHome.make();
  await signIn(await home.token({ expiresAtS: NOON_S + HOUR_S }), home.deps());
  const timers = new FiredTimers();
  await using keeper = new LicenceKeeper(home.deps(), timers);
  const told: string[] = [];
  keeper.onChange((now, before) => told.push(`${shortly(before)} -> ${shortly(now)}`));
  assert.equal(shortly(await keeper.start()), "valid pro c-42");
  home.clock.nowS += HOUR_S - RECHECK_MS / 1000 + 1;
  await timers.fire();
  home.clock.nowS += RECHECK_MS / 1000 - LOOK_MS / 1000;
  await timers.fire();
  assert.deepEqual(told, [], "five minutes are not over");
  home.clock.nowS += LOOK_MS / 1000;
  await timers.fire();
  assert.deepEqual(told, ["valid pro c-42 -> expired free "]);
  await keeper[Symbol.asyncDispose]();
  assert.equal(timers.waiting, 0);
});

Deno.test("LicenceKeeper sees within seconds that another km signed in or out", async () => {
  verifies("tiers-recheck");
  using home = await LicenceHome.make();
  const timers = new FiredTimers();
  await using keeper = new LicenceKeeper(home.deps(), timers);
  const told: string[] = [];
  keeper.onChange((licence) => told.push(shortly(licence)));
  await keeper.start();
  await signIn(await home.token(), home.deps());
  await timers.fire();
  await signIn(await home.token({ tier: "enterprise" }), home.deps());
  await timers.fire();
  await signOut(home.deps());
  await timers.fire();
  assert.deepEqual(told, ["valid pro c-42", "valid enterprise c-42", "none free "]);
});

Deno.test("a clock that is set back opens nothing, until it is right or a newer token comes", async () => {
  verifies("tiers-recheck");
  using home = await LicenceHome.make();
  const token = await home.token();
  await signIn(token, home.deps());
  const timers = new FiredTimers();
  await using keeper = new LicenceKeeper(home.deps(), timers);
  const told: string[] = [];
  keeper.onChange((licence) => told.push(shortly(licence)));
  await keeper.start();
  home.clock.nowS += 40 * DAY_S;
  await timers.fire();
  assert.deepEqual(told, ["expired free "]);
  home.clock.nowS -= 20 * DAY_S;
  await timers.fire();
  assert.deepEqual(told, ["expired free ", "invalid free "]);
  assert.match(
    keeper.licence.reason ?? "",
    /^the clock says 2026-12-11 12:00 UTC, but it was 2026-12-31 12:00 UTC already: set it right/,
  );
  await assert.rejects(signIn(token, home.deps()), { message: /but it was 2026-12-31/ });
  await signOut(home.deps());
  await assert.rejects(signIn(token, home.deps()), { message: /but it was 2026-12-31/ });
  const older = await home.token({ issuedAtS: NOON_S - DAY_S });
  await assert.rejects(signIn(older, home.deps()), { message: /but it was 2026-12-31/ });
  const newer = await home.token({ issuedAtS: home.clock.nowS });
  assert.equal(shortly(await signIn(newer, home.deps())), "valid pro c-42");
  home.clock.nowS -= 300;
  assert.equal(shortly(await readLicence(home.deps())), "valid pro c-42", "a little is no attack");
});

Deno.test("a licence server renews: its new token takes the old one's place", async () => {
  verifies("tiers-recheck");
  await using online = await Online.make();
  const { home, server, deps } = online;
  const first = await home.token({ expiresAtS: NOON_S + HOUR_S });
  assert.equal(shortly(await signIn(first, deps)), "valid pro c-42");
  const second = await home.token({ tier: "enterprise", issuedAtS: NOON_S + 300 });
  server.answer = () => Response.json({ token: second });
  const timers = new FiredTimers();
  await using keeper = new LicenceKeeper(deps, timers);
  await keeper.start();
  assert.equal(shortly(keeper.licence), "valid enterprise c-42");
  server.answer = () => Response.json({ ok: true });
  home.clock.nowS += 2 * HOUR_S;
  await timers.fire();
  assert.equal(shortly(keeper.licence), "valid enterprise c-42");
  assert.deepEqual(server.asked, [first, first, second]);
});

for (const status of [401, 403]) {
  Deno.test(`a licence server that says ${status} revokes, until it says yes again`, async () => {
    verifies("tiers-recheck");
    await using online = await Online.make();
    const { home, server, deps } = online;
    const token = await home.token();
    await signIn(token, deps);
    const timers = new FiredTimers();
    await using keeper = new LicenceKeeper(deps, timers);
    await keeper.start();
    server.answer = () => Response.json({ reason: "not paid\u202e" }, { status });
    home.clock.nowS += RECHECK_MS / 1000;
    await timers.fire();
    assert.equal(keeper.licence.state, "revoked");
    assert.equal(keeper.licence.reason, "the licence server revoked it: not paid\\u{202e}");
    await assert.rejects(signIn(token, deps), { code: "not_trusted", message: /revoked it: not paid/ });
    // No server is asked any more: what it said still counts.
    assert.equal((await readLicence(home.deps())).state, "revoked");
    server.answer = () => new Response("down", { status: 502 });
    home.clock.nowS += RECHECK_MS / 1000;
    await timers.fire();
    assert.equal(keeper.licence.state, "revoked", "no answer takes nothing back");
    server.answer = () => Response.json({ ok: true });
    home.clock.nowS += RECHECK_MS / 1000;
    await timers.fire();
    assert.equal(shortly(keeper.licence), "valid pro c-42");
  });
}

const SILENCES: readonly [
  string,
  (home: LicenceHome) => Promise<() => Response | Promise<Response>>,
  RegExp,
][] = [
  ["says 500", () => Promise.resolve(() => new Response("", { status: 500 })), /answered with status 500/],
  ["says 404", () => Promise.resolve(() => new Response("", { status: 404 })), /answered with status 404/],
  [
    "leads elsewhere",
    () => Promise.resolve(() => Response.redirect("http://127.0.0.1:9/", 307)),
    /status 307/,
  ],
  [
    "sends a page",
    () => Promise.resolve(() => new Response("<html>Welcome to our Wi-Fi")),
    /not that of a lic/,
  ],
  [
    "says ok: false",
    () => Promise.resolve(() => Response.json({ ok: false })),
    /not that of a licence server/,
  ],
  [
    "sends a flood",
    () => Promise.resolve(() => new Response("x".repeat(1e6))),
    /not that of a licence server/,
  ],
  [
    "sends a token of nobody's",
    () => Promise.resolve(() => Response.json({ token: "x" })),
    /not for this cust/,
  ],
  ["sends another customer's token", async (home) => {
    const token = await home.token({ customerId: "c-1", tier: "enterprise" });
    return () => Response.json({ token });
  }, /not for this customer/],
];

for (const [name, make, reason] of SILENCES) {
  Deno.test(`a licence server that ${name} is none: the licence goes on, for its grace period`, async () => {
    verifies("tiers-recheck");
    await using online = await Online.make();
    const { home, server, deps } = online;
    // It ends before the grace period does.
    await signIn(await home.token({ expiresAtS: NOON_S + 2 * HOUR_S }), deps);
    server.answer = await make(home);
    await assertGrace(online, reason);
  });
}

Deno.test("a licence server that hangs, and one that is gone, are none", async () => {
  verifies("tiers-recheck");
  await using online = await Online.make();
  const { home, server } = online;
  await signIn(await home.token(), online.deps);
  const hanging = Promise.withResolvers<Response>();
  server.answer = () => hanging.promise;
  const ask = (token: string) => askLicenceServer(server.url, token, { fetch, timeoutMs: 50 });
  await using keeper = new LicenceKeeper(home.deps({ graceS: GRACE_S, ask }), new FiredTimers());
  await keeper.start();
  assert.equal(keeper.licence.state, "grace");
  assert.match(keeper.licence.reason ?? "", /no answer within 0\.05 s/);
  hanging.resolve(new Response());
  const gone = await askLicenceServer("http://127.0.0.1:9/", "t", { fetch });
  assert.equal(gone.kind, "offline");
});

Deno.test("askLicenceServer() sends the token to nobody by http, but for this machine", async () => {
  let asked = 0;
  const fetching = (() => {
    asked++;
    return Promise.resolve(Response.json({ ok: true }));
  }) as typeof fetch; // as: none of its overloads is asked for more
  for (const url of ["http://licence.example.com/", "ftp://x/", "file:///etc/passwd", "what"]) {
    assert.deepEqual(await askLicenceServer(url, "t", { fetch: fetching }), {
      kind: "offline",
      reason: "plugins.licenceUrl must begin with https://",
    });
  }
  assert.equal(asked, 0);
  for (const url of ["https://licence.example.com/", "http://localhost:1/", "http://[::1]:1/"]) {
    assert.equal((await askLicenceServer(url, "t", { fetch: fetching })).kind, "good");
  }
});

Deno.test("signing in while the licence server is silent counts from when the token was issued", async () => {
  verifies("tiers-recheck");
  await using online = await Online.make();
  const { home, server, deps } = online;
  server.answer = () => new Response("", { status: 503 });
  const token = await home.token();
  assert.equal((await signIn(token, deps)).state, "grace");
  home.clock.nowS += GRACE_S - 1;
  assert.equal((await signIn(token, deps)).state, "grace", "again is no new grace period");
  home.clock.nowS += 1;
  await assert.rejects(signIn(token, deps), {
    message: /did not confirm it since 2026-11-21 12:00 UTC \(it answ/,
  });
});

/** The licence of `online`, whose server does not answer, goes on for the grace period, ends then, and comes back with the server. */
async function assertGrace({ home, server, deps }: Online, reason: RegExp): Promise<void> {
  const timers = new FiredTimers();
  await using keeper = new LicenceKeeper(deps, timers);
  const told: string[] = [];
  keeper.onChange((licence) => told.push(shortly(licence)));
  assert.equal(shortly(await keeper.start()), "grace pro c-42");
  assert.match(keeper.licence.reason ?? "", reason);
  assert.match(
    describeLicence(keeper.licence),
    /^pro, of c-42, the licence server .*, until 2026-11-24 12:00 UTC$/,
  );
  home.clock.nowS += GRACE_S - 1;
  await timers.fire();
  assert.deepEqual(told, []);
  home.clock.nowS += RECHECK_MS / 1000;
  await timers.fire();
  assert.deepEqual(told, ["expired free "]);
  const renewed = await home.token({ issuedAtS: home.clock.nowS, expiresAtS: home.clock.nowS + DAY_S });
  server.answer = () => Response.json({ token: renewed });
  home.clock.nowS += RECHECK_MS / 1000;
  await timers.fire();
  assert.deepEqual(told, ["expired free ", "valid pro c-42"]);
}
