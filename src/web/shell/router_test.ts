import { deepEqual, equal } from "node:assert/strict";
import { changedQuery, parseRoute, type Route } from "./router.ts";

const ROUTES: readonly (readonly [string, Route])[] = [
  ["/", { page: "overview" }],
  ["/live", { page: "live" }],
  ["/live/", { page: "live" }],
  ["/servers", { page: "servers" }],
  ["/tools", { page: "tools" }],
  ["/settings", { page: "settings" }],
  ["/docs", { page: "docs" }],
  ["/inspect/0192f0a1-7c", { page: "inspect", id: "0192f0a1-7c" }],
  ["/inspect/a%20b", { page: "inspect", id: "a b" }],
  ["/inspect/%E0%A4%A", { page: "inspect", id: "%E0%A4%A" }],
  ["/inspect", { page: "inspect", id: "" }],
  ["/inspect/a/b", { page: "none" }],
  ["/sessions", { page: "sessions", number: null }],
  ["/sessions/12", { page: "sessions", number: 12 }],
  ["/sessions/0", { page: "none" }],
  ["/sessions/x", { page: "none" }],
  ["/sessions/1/2", { page: "none" }],
  ["/live/x", { page: "none" }],
  ["/elsewhere", { page: "none" }],
];

for (const [path, route] of ROUTES) {
  Deno.test(`parseRoute() knows what ${path} names`, () => deepEqual(parseRoute(path), route));
}

Deno.test("changedQuery() sets, replaces and takes away, and keeps the rest", () => {
  equal(changedQuery("?a=1&b=2", { b: null, c: "x y" }), "?a=1&c=x+y");
  equal(changedQuery("?a=1", { a: "" }), "");
  equal(changedQuery("", { a: "&=?" }), "?a=%26%3D%3F");
});
