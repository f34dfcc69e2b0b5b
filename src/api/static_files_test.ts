import { deepEqual, equal, match, ok } from "node:assert/strict";
import { staticFile } from "./static_files.ts";

Deno.test("staticFile() gives the page for the path of every page", async () => {
  for (
    const path of [
      "/",
      "/live",
      "/inspect",
      "/inspect/0192f0a1-7c",
      "/servers",
      "/tools",
      "/settings",
      "/docs",
    ]
  ) {
    equal((await staticFile(path))?.headers.get("Content-Type"), "text/html; charset=utf-8", path);
  }
});

Deno.test("staticFile() gives nothing for a path that is not in the list", async () => {
  const paths = [
    "/assets/",
    "/assets/../app.js",
    "/assets/..%2fopenapi.json",
    "/index.html",
    "/live/",
    "/inspect/../x",
    "//",
    "/assets/app.js/",
    "/constructor",
    "/__proto__",
  ];
  for (const path of paths) equal(await staticFile(path), null, path);
});

Deno.test("staticFile() sends gzip to who takes it, and the same bytes in the end", async () => {
  const plain = await staticFile("/assets/app.css", new Headers({ "Accept-Encoding": "br, gzip;q=0" }));
  const packed = await staticFile("/assets/app.css", new Headers({ "Accept-Encoding": "br, gzip" }));
  equal(plain?.headers.get("Content-Encoding"), null);
  equal(packed?.headers.get("Content-Encoding"), "gzip");
  const unpacked = packed?.body?.pipeThrough(new DecompressionStream("gzip"));
  deepEqual(await new Response(unpacked).bytes(), await plain?.bytes());
});

Deno.test("staticFile() answers 304 to who has the file already", async () => {
  const first = await staticFile("/");
  const etag = first?.headers.get("ETag") ?? "";
  match(etag, /^W\/"[\w-]{22}"$/);
  const again = await staticFile("/", new Headers({ "If-None-Match": `"other", ${etag}` }));
  equal(again?.status, 304);
  equal((await staticFile("/", new Headers({ "If-None-Match": '"other"' })))?.status, 200);
});

Deno.test("the page has no script, no style and no address but its own files", async () => {
  const page = await (await staticFile("/"))?.text() ?? "";
  ok(!/<script>|<style|style=|onclick=|javascript:/i.test(page));
  deepEqual([...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address), [
    "/assets/icon.svg",
    "/assets/app.css",
    "/assets/app.js",
  ]);
});

Deno.test("staticFile() shows a browser the page with 404 where there is nothing, but not for paths of the API", async () => {
  const browser = new Headers({ Accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8" });
  for (const path of ["/nowhere", "/live/", "/inspect/a/b", "/index.html"]) {
    const response = await staticFile(path, browser);
    equal(response?.status, 404, path);
    match(await response?.text() ?? "", /<div id="app">/);
    equal(await staticFile(path, new Headers({ Accept: "*/*" })), null, path);
    equal(await staticFile(path, new Headers({ Accept: "application/json" })), null, path);
  }
  for (const path of ["/api/nowhere", "/api", "/assets/x.js"]) {
    equal(await staticFile(path, browser), null, path);
  }
});
