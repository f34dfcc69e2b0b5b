import { equal, match, throws } from "node:assert/strict";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { verifies } from "../../tests/verifies.ts";
import { EndedSessions } from "./ended_sessions.ts";
import { SessionCookies } from "./session_cookie.ts";

const DAY_S = 24 * 60 * 60;

/** A store of sessions whose clock a test moves. */
function makeEnded(folder: TempFolder) {
  const time = { nowS: Date.UTC(2026, 10, 21) / 1000 };
  const clock = { nowUs: () => time.nowS * 1_000_000 };
  const path = `${folder.path}/signed-out.json`;
  return { time, clock, path, open: () => new EndedSessions(path, clock) };
}

const sent = (setCookie: string) => setCookie.split(";")[0] ?? "";

Deno.test("SessionCookies.end() ends one browser's session, also after a restart, and nobody else's", () => {
  verifies("auth-cookie");
  using folder = new TempFolder();
  const { clock, path, open } = makeEnded(folder);
  const cookies = new SessionCookies(() => "token", clock, open());
  const [mine, other] = [sent(cookies.issue(4242, false)), sent(cookies.issue(4242, false))];
  cookies.end(`a=b; ${mine}; km_session_4242=forged.by.somebody`, 4242);
  equal(cookies.accepts(mine, 4242), false);
  equal(cookies.accepts(other, 4242), true);
  const restarted = new SessionCookies(() => "token", clock, open());
  equal(restarted.accepts(mine, 4242), false, "after a restart");
  equal(restarted.accepts(other, 4242), true);
  equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  equal(Deno.readTextFileSync(path).includes(mine.slice("km_session_4242=".length)), false, "hashed");
  equal(Object.keys(JSON.parse(Deno.readTextFileSync(path)).sessions).length, 1, "forged ones take no room");
});

Deno.test("EndedSessions forgets those that would have ended anyway", () => {
  using folder = new TempFolder();
  const { time, path, open } = makeEnded(folder);
  const ended = open();
  ended.add("old", time.nowS + DAY_S);
  time.nowS += 2 * DAY_S;
  ended.add("new", time.nowS + DAY_S);
  equal(ended.has("new", time.nowS + DAY_S), true);
  equal(Object.keys(JSON.parse(Deno.readTextFileSync(path)).sessions).length, 1);
});

Deno.test("EndedSessions has room for 1,000, and takes more for granted rather than any back", () => {
  using folder = new TempFolder();
  const { time, path, open } = makeEnded(folder);
  const sessions = Array.from({ length: 1000 }, (_, n) => [`cookie ${n}`, time.nowS + DAY_S + n] as const);
  const full = Object.fromEntries(sessions.map(([cookie, endsAtS]) => [cookie.padEnd(64), endsAtS]));
  Deno.writeTextFileSync(path, JSON.stringify({ version: 1, lineS: 0, sessions: full }), { mode: 0o600 });
  const ended = open();
  ended.add("last", time.nowS + 2 * DAY_S);
  for (const again of [ended, open()]) {
    equal(again.has("last", time.nowS + 2 * DAY_S), true);
    equal(again.has("cookie 0", time.nowS + DAY_S), true, "what fell out is behind the line");
    equal(again.has("of before", time.nowS + DAY_S - 1), true, "and so is what would end before");
    equal(again.has("of later", time.nowS + 2 * DAY_S), false);
  }
  equal(Object.keys(JSON.parse(Deno.readTextFileSync(path)).sessions).length, 1000);
});

Deno.test("EndedSessions refuses a file that it cannot trust: who was signed out must not come back", () => {
  using folder = new TempFolder();
  const { path, open } = makeEnded(folder);
  for (const text of ["", "[]", "null", '{"lineS":0}', '{"lineS":0,"sessions":{"a":"b"}}']) {
    Deno.writeTextFileSync(path, text, { mode: 0o600 });
    throws(open, /no list of sessions/, text);
  }
  Deno.writeTextFileSync(path, '{"lineS":0,"sessions":{}}');
  Deno.chmodSync(path, 0o644);
  throws(open, (error: Error) => {
    match(error.message, /other users can read it/);
    return true;
  });
});
