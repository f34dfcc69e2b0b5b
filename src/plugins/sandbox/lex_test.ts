import assert from "node:assert/strict";
import { KmError } from "../../core/error.ts";
import { verifies } from "../../../tests/verifies.ts";
import { refuseImports } from "./lex.ts";

const REFUSED: readonly { readonly code: string; readonly says: RegExp }[] = [
  { code: `import "node:net";`, says: /line 1 imports "node:net"/ },
  { code: `export default 1;\n\n  import { Socket } from "node:net";`, says: /line 3 imports "node:net"/ },
  { code: `import net from 'node:net'`, says: /line 1 imports "node:net"/ },
  { code: `import"node:net"`, says: /imports "node:net"/ },
  { code: `import/**/*/**/as/*\n*/a/**/from/**/"node:net"`, says: /imports "node:net"/ },
  { code: `import a,{b}from"node:net"`, says: /imports "node:net"/ },
  { code: `import type from "node:net"`, says: /imports "node:net"/ },
  { code: `import { type } from "node:net"`, says: /imports "node:net"/ },
  { code: `import "\\u006eode:net"`, says: /imports "node:net"/ },
  { code: `import "\\x6eode:net"`, says: /imports "node:net"/ },
  { code: `export * from "node:net"`, says: /imports "node:net"/ },
  { code: `export * as a from "node:net"`, says: /imports "node:net"/ },
  { code: `export { Socket } from "node:net"`, says: /imports "node:net"/ },
  { code: `export { default as a }\nfrom\n"node:net"`, says: /line 1 imports "node:net"/ },
  {
    code: `import x from "file:///etc/passwd" with { type: "text" }`,
    says: /imports "file:\/\/\/etc\/passwd"/,
  },
  { code: `import x from "./a.json" with { type: "json" }`, says: /imports "\.\/a\.json"/ },
  { code: `import "https://example.com/x.js"`, says: /imports "https:/ },
  { code: `import "npm:left-pad"`, says: /imports "npm:left-pad"/ },
  { code: `import "data:text/javascript,1"`, says: /imports "data:/ },
  { code: `import("node:net")`, says: /line 1 imports "node:net"/ },
  { code: "1;\n2;\nawait import(`node:net`)", says: /line 3 imports "node:net"/ },
  { code: `import("file:///etc/passwd", { with: { type: "text" } })`, says: /imports "file:/ },
  { code: `import.meta.resolve("node:net")`, says: /line 1 has import\.meta\.resolve/ },
  { code: `import.meta["resolve"]("node:net")`, says: /has import\.meta/ },
  { code: `import.meta /* a */ . resolve`, says: /import\.meta/ },
  { code: `const { resolve } = import.meta;`, says: /import\.meta/ },
  { code: `#!/usr/bin/env node\nimport "node:net"`, says: /line 2 imports "node:net"/ },
  { code: `\ufeff\nimport "node:net"`, says: /line 2 imports "node:net"/ },
  { code: `\ufeff#!/x\nimport "node:net"`, says: /plugin/ },
  { code: `let a = "\u2028";\u2028import "node:net"`, says: /imports "node:net", hidden/ },
  // What leads a lexer astray: V8 sees it, without a line.
  { code: 'function f(){}\n/`/g.test;import "node:net"\n/`/.test', says: /plugin/ },
  { code: '<!-- `\nimport "node:net"', says: /plugin/ },
  { code: '--> `\nimport "node:net"', says: /plugin/ },
  // No JavaScript.
  { code: `imp\\u006frt "node:net"`, says: /not JavaScript/ },
  { code: `let x = ;`, says: /not JavaScript/ },
  { code: `const a: number = 1;`, says: /not JavaScript/ },
  { code: `import source x from "./a.wasm"`, says: /plugin/ },
  { code: `import defer * as x from "node:net"`, says: /plugin/ },
  { code: `import("a", {}, 3)`, says: /not JavaScript/ },
  { code: `await import.source("./a.wasm")`, says: /plugin/ },
  { code: `import { x } from "\u202enode:net"`, says: /plugin/ },
];

for (const { code, says } of REFUSED) {
  Deno.test(`refuseImports() refuses ${JSON.stringify(code)}`, async () => {
    verifies("plugin-imports-refused");
    await assert.rejects(refuseImports(new TextEncoder().encode(code)), (error) => {
      assert.ok(error instanceof KmError);
      assert.equal(error.code, "plugin_failed");
      assert.match(error.message, says);
      assert.doesNotMatch(error.message, /[\u202e\n]/);
      return true;
    });
  });
}

const ALLOWED: readonly string[] = [
  `export default {};`,
  `const text = 'import "node:net"'; export default text;`,
  "const text = `import x from 'node:net'`; export { text as default };",
  `// import "node:net"\n/* export * from "a" */ export default 1;`,
  `const re = /import "a"/g; export default re;`,
  `export default import.meta.url;`,
  `const load = (name) => import(name); export default load;`,
  `#!/usr/bin/env node\nexport default 1;`,
  `export const from = "a"; export default from;`,
  // What looks like an import to some lexers, and is none to V8.
  'export default ({})/`/1;\nimport "node:net"\n/`/1',
  `class A { import() {} static #from = 1 } export default new A().import();`,
  `export default { import: 1, "export": 2 };`,
];

for (const code of ALLOWED) {
  Deno.test(`refuseImports() lets ${JSON.stringify(code)} pass`, async () => {
    await refuseImports(new TextEncoder().encode(code));
  });
}

Deno.test("refuseImports() refuses what is not UTF-8, UTF-16 with its mark too", async () => {
  for (const bytes of [[0xff, 0xfe, 0x31, 0], [0xfe, 0xff, 0, 0x31], [0xc0, 0xaf]]) {
    await assert.rejects(refuseImports(new Uint8Array(bytes)), { message: /not UTF-8/ });
  }
});
