import { equal, match, ok } from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { GuardedDaemon, JSON_TYPE } from "./guarded_daemon.ts";
import { PATIENCE_MS, runKm, TempFolder } from "./harness.ts";

Deno.test("km open --print gives a link that signs a browser in once; without km serve it says how to start it", async () => {
  verifies("serve-open", "auth-cookie");
  await using km = await GuardedDaemon.start();
  const { out } = await runKm(["open", "--print"], { home: km.home });
  const [, origin, code] = /^(http:\/\/127\.0\.0\.1:\d+)\/#token=([A-Za-z0-9_-]{43})\n$/.exec(out) ?? [];
  equal(origin, km.origin);
  const signIn = () =>
    km.send("POST /api/auth/session", [`Origin: ${km.origin}`, JSON_TYPE], JSON.stringify({ code }));
  const first = await signIn();
  equal(first.status, 204);
  match(
    first.headers.get("set-cookie") ?? "",
    new RegExp(`^km_session_${km.port}=\\S+; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict$`),
  );
  equal((await signIn()).status, 401, "a second time");
  const cookie = `Cookie: ${first.headers.get("set-cookie")?.split(";")[0]}`;
  equal((await km.send("GET /api/auth/me", [cookie])).status, 200);
  const out2 = await km.send("DELETE /api/auth/session", [cookie, `Origin: ${km.origin}`]);
  match(out2.headers.get("set-cookie") ?? "", /Max-Age=0/);
  await using other = await GuardedDaemon.start();
  equal(
    (await other.send("GET /api/auth/me", [cookie.replace(String(km.port), String(other.port))])).status,
    401,
    "another port and home",
  );
  using empty = new TempFolder();
  const none = await runKm(["open"], { home: empty.path, timeoutMs: PATIENCE_MS });
  equal(none.code, 3);
  match(none.err, /start it with "km serve"/);
});

Deno.test({
  name: "km open gives the link to the system's browser, and prints it where there is none",
  ignore: Deno.build.os !== "linux",
  async fn() {
    verifies("serve-open");
    await using km = await GuardedDaemon.start();
    using bin = new TempFolder();
    Deno.writeTextFileSync(`${bin.path}/xdg-open`, `#!/bin/sh\nprintf '%s' "$1" > "${bin.path}/opened"\n`, {
      mode: 0o755,
    });
    const open = (env: Record<string, string>) => runKm(["open"], { home: km.home, env });
    const PATH = `${bin.path}:${Deno.env.get("PATH")}`;
    const opened = await open({ PATH, DISPLAY: ":0" });
    equal(opened.code, 0, opened.err);
    equal(opened.out, "", "the link is in the browser and nowhere else");
    ok(Deno.readTextFileSync(`${bin.path}/opened`).startsWith(`${km.origin}/#token=`));
    match((await open({ PATH, DISPLAY: "", WAYLAND_DISPLAY: "" })).out, /\/#token=/);
    Deno.writeTextFileSync(`${bin.path}/xdg-open`, "#!/bin/sh\nexit 3\n");
    match((await open({ PATH, DISPLAY: ":0" })).out, /\/#token=/, "a browser that does not start");
  },
});
