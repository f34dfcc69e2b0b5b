import { deepStrictEqual, match } from "node:assert/strict";
import { bundled, bundleHint } from "./deno_tools.ts";

Deno.test("bundled() names packages that were built in, and forgets where they lay", () => {
  const code = `// ../home/me/.cache/deno/npm/registry.example/is-number/7.0.0/index.js
var require_is = __commonJS({
  "../home/me/.cache/deno/npm/registry.example/is-number/7.0.0/index.js"(exports, module) {
  }
});
// ../home/me/.cache/deno/npm/registry.example/@a/b/1.2.3/x/index.mjs
// ../home/me/.cache/deno/npm/registry.example/@a/b/1.2.3/x/other.mjs
// words.ts
var w = 1;
`;
  deepStrictEqual(bundled(code), {
    code: `var require_is = __commonJS({
  "npm:is-number@7.0.0/index.js"(exports, module) {
  }
});
var w = 1;
`,
    packages: ["npm:@a/b@1.2.3", "npm:is-number@7.0.0"],
  });
});

Deno.test("bundleHint() is about what is wrong, and about the network only where nothing else is", () => {
  for (
    const [said, hint] of [
      [`error: Module not found "file:///p/x.ts".\n    at file:///p/plugin.ts:30:24`, /mend that import/],
      [`error: Import "ms" not a dependency\n    at file:///p/w.ts:2:15`, /npm:<name>@<version>/],
      [`error: Do not know how to load path: deno:jsr:@std/path\n    at file:///p/plugin.ts:1:15`, /a copy/],
      [`error: "await" can only be used inside\n    at file:///p/plugin.ts:18:15`, /^mend it/],
      [`error: failed to fetch esbuild`, /fetches its bundler/],
    ] as const
  ) match(bundleHint(said), hint);
});
