import { deepEqual, equal, ok } from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { ApiError } from "./errors.ts";
import { Guard, type GuardOptions } from "./guard.ts";
import { withSafeHeaders } from "./headers.ts";

const PLAIN: GuardOptions = { hostname: "127.0.0.1", port: 4242, secure: false };

/** The status that the guard refuses a request with; 200 when it lets it pass. */
function check(
  guard: Guard,
  url: string,
  headers: Record<string, string | undefined> = {},
  method = "GET",
): number {
  const { host } = new URL(url);
  const given = Object.entries({ Host: host, ...headers }).filter((entry): entry is [string, string] =>
    entry[1] !== undefined
  );
  try {
    guard.check(new Request(url, { method, headers: given }));
    return 200;
  } catch (error) {
    ok(error instanceof ApiError);
    return error.status;
  }
}

Deno.test("Guard knows the default port of its scheme, and the address that it is bound to", () => {
  verifies("guard-host");
  const onDefault = new Guard({ hostname: "192.0.2.7", port: 443, secure: true });
  equal(check(onDefault, "https://localhost/"), 200);
  equal(check(onDefault, "https://192.0.2.7/"), 200);
  equal(check(onDefault, "https://192.0.2.8/"), 421);
  equal(check(new Guard({ hostname: "fd00::7", port: 4242, secure: true }), "https://[fd00::7]:4242/"), 200);
  equal(check(new Guard({ hostname: "0.0.0.0", port: 4242, secure: true }), "https://0.0.0.0:4242/"), 421);
});

Deno.test("Guard on port 42 takes 42 and not 4242", () => {
  verifies("guard-host", "fm-32-port-42");
  const guard = new Guard({ ...PLAIN, port: 42 });
  equal(check(guard, "http://localhost:42/"), 200);
  equal(check(guard, "http://localhost:4242/"), 421);
});

Deno.test("Guard names the address that it is bound to when it refuses another name", () => {
  verifies("guard-host");
  const hintOf = (options: Partial<GuardOptions>) => {
    try {
      new Guard({ ...PLAIN, ...options }).check(
        new Request("http://attacker.tld/", { headers: { Host: "attacker.tld" } }),
      );
      return "";
    } catch (error) {
      ok(error instanceof ApiError);
      return error.hint ?? "";
    }
  };
  const cases = [
    [{}, "http://127.0.0.1:4242"],
    [{ hostname: "::1" }, "http://[::1]:4242"],
    [{ hostname: "0.0.0.0" }, "http://127.0.0.1:4242"],
    [{ hostname: "::", secure: true }, "https://[::1]:4242"],
    [{ hostname: "192.0.2.7", port: 443, secure: true }, "https://192.0.2.7"],
  ] as const;
  for (const [options, address] of cases) ok(hintOf(options).startsWith(`use ${address};`), hintOf(options));
});

Deno.test("Guard takes the names that are configured: plain, with a port, behind a proxy that adds TLS", () => {
  verifies("guard-host", "guard-origin");
  const guard = new Guard({
    ...PLAIN,
    allowHosts: ["km.example", "Box.example:8443", "https://tls.example", "localhost", "0.0.0.0"],
  });
  const post = (host: string, origin: string) => check(guard, `http://${host}/`, { Origin: origin }, "POST");
  equal(post("km.example:4242", "http://km.example:4242"), 200);
  equal(check(guard, "http://km.example/", { Origin: "http://km.example" }, "POST"), 200);
  equal(post("box.example:8443", "http://box.example:8443"), 200);
  equal(post("tls.example", "https://tls.example"), 200);
  equal(post("tls.example", "http://tls.example"), 403);
  for (
    const host of [
      "tls.example:4242",
      "box.example",
      "box.example:4242",
      "x.km.example",
      "localhost",
      "0.0.0.0:4242",
    ]
  ) {
    equal(check(guard, `http://${host}/`), 421, host);
  }
});

Deno.test("Guard needs a Host without TLS; with TLS, HTTP/2 names it in the request", () => {
  equal(check(new Guard(PLAIN), "http://localhost:4242/", { Host: undefined }), 421);
  const secure = new Guard({ ...PLAIN, secure: true });
  equal(check(secure, "https://localhost:4242/", { Host: undefined }), 200);
  equal(check(secure, "https://attacker.tld:4242/", { Host: undefined }), 421);
  equal(check(secure, "https://localhost:4242/", { Host: "attacker.tld" }), 421);
  equal(check(secure, "http://localhost:4242/"), 421);
});

Deno.test("Guard tells only names that are not this machine's own to use TLS for ever", () => {
  verifies("guard-headers");
  const guard = new Guard({ ...PLAIN, secure: true, allowHosts: ["km.example"] });
  equal(guard.wantsHsts(new Request("https://km.example:4242/")), true);
  for (const host of ["localhost", "127.0.0.1", "[::1]"]) {
    equal(guard.wantsHsts(new Request(`https://${host}:4242/`)), false);
  }
  equal(
    new Guard({ ...PLAIN, allowHosts: ["km.example"] }).wantsHsts(new Request("http://km.example/")),
    false,
  );
});

Deno.test("withSafeHeaders() reaches responses that cannot be changed, keeps what a route says of caching, adds HSTS when told", () => {
  verifies("guard-headers");
  const redirect = withSafeHeaders(Response.redirect("http://localhost/"), { hsts: true });
  equal(redirect.status, 302);
  equal(redirect.headers.get("X-Content-Type-Options"), "nosniff");
  ok(redirect.headers.get("Strict-Transport-Security"));
  const cached = withSafeHeaders(new Response("", { headers: { "Cache-Control": "no-cache" } }), {
    hsts: false,
  });
  deepEqual([cached.headers.get("Cache-Control"), cached.headers.get("Strict-Transport-Security")], [
    "no-cache",
    null,
  ]);
});
