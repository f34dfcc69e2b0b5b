/** Imports of every scheme: computed ones, which Deno must refuse, and static ones, which the lexer must. @module */
import { type Attempt, type AttemptRow, attempts } from "../attempt.ts";

const SCHEMES: readonly (readonly [id: string, what: string, specifier: string, type?: string])[] = [
  ["script", "a script of the user's", "c.scriptUrl"],
  ["json", "JSON of the user's", "c.jsonUrl", "json"],
  ["text", "a file of the user's as text", "c.url", "text"],
  ["bytes", "a file of the user's as bytes", "c.url", "bytes"],
  ["css", "a file of the user's as a style sheet", "c.url", "css"],
  ["path", "a file of the user's by its path", "c.file", "text"],
  ["query", "a file of the user's with a question behind it", `c.jsonUrl + "?x#y"`, "json"],
  ["capitals", "a file of the user's by FILE:", `c.url.replace("file:", "FILE:")`, "text"],
  [
    "host",
    "a file of the user's by file://localhost",
    `c.url.replace("file://", "file://localhost")`,
    "text",
  ],
  [
    "encoded",
    "a file of the user's by an encoded name",
    `c.url.replace(/[a-z]/gi, (l) => "%" + l.charCodeAt(0).toString(16)).replace(/^.*?%2f/i, "file:///")`,
    "text",
  ],
  ["http", "a script of this machine", `"http://127.0.0.1:" + c.tcpPort + "/x.js"`],
  ["https", "a script of the internet", `"https://deno.land/std/version.ts"`],
  ["esm-sh", "a script of a host that Deno trusts", `"https://esm.sh/" + c.token`],
  [
    "githubusercontent",
    "a script of another host that Deno trusts",
    `"https://raw.githubusercontent.com/" + c.token`,
  ],
  ["jsr", "a package of JSR", `"jsr:@std/path"`],
  ["npm", "a package of npm", `"npm:is-odd"`],
  ["npm-bare", "a package by its name alone", `"is-odd"`],
  [
    "blob",
    "a blob that imports a file",
    `URL.createObjectURL(new Blob(['export * from "' + c.scriptUrl + '"'], { type: "text/javascript" }))`,
  ],
  ["data", "a data URL", `"data:text/javascript,export default 1"`],
  [
    "data-file",
    "a data URL that imports a file",
    `"data:text/javascript," + encodeURIComponent('export { default } from "' + c.url + '" with { type: "text" }')`,
  ],
  [
    "data-node",
    "a data URL that imports node:net",
    `"data:text/javascript," + encodeURIComponent('export { default } from "node:net"')`,
  ],
  ["ext", "Deno's own module", `"ext:core/mod.js"`],
  ["ext-node", "Deno's own module of Node", `"ext:deno_node/_fs/_fs_readFile.ts"`],
  ["deno", "deno:", `"deno:fs"`],
  ["internal", "node:internal", `"node:internal/modules/cjs/loader"`],
  ["relative", "a file beside the bootstrap", `"./deno.json"`, "json"],
  ["wasm", "WebAssembly of the user's", `c.folder + "/m.wasm"`],
];

const NODE_MODULES = [
  ...[
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
  ],
  ...["events", "fs", "http2", "inspector", "module", "net", "os", "perf_hooks", "process", "repl", "sqlite"],
  ...["stream", "test", "tls", "timers", "util", "v8", "vm", "wasi", "worker_threads", "zlib"],
] as const;

const USE: Partial<Record<string, string>> = {
  wasm: "return c.claim;",
  data: "return c.claim;",
  "data-node": "return c.claim;",
};

const DYNAMIC = attempts("imports", [
  ...SCHEMES.map(([id, what, specifier, type]): AttemptRow => {
    const options = type === undefined ? "" : `, { with: { type: "${type}" } }`;
    const use = USE[id] ?? `return show(m.default) + JSON.stringify(m);`;
    return [`import-${id}`, `Imports ${what}`, `const m = await load(${specifier}${options}); ${use}`];
  }),
  ...NODE_MODULES.map((
    name,
  ): AttemptRow => [
    `import-node-${name}`,
    `Imports node:${name}`,
    `await load("node:${name}"); return c.claim;`,
  ]),
  [
    "import-builtin",
    "Takes a module by process.getBuiltinModule",
    `return process.getBuiltinModule("node:os") && c.claim;`,
  ],
  ["import-require", "Takes a module by require", `return require("node:os") && c.claim;`],
  ["import-timer", "Imports in a timer's string", `setTimeout("import('node:net')", 0); return "";`],
  [
    "import-later",
    "Imports long after it was loaded",
    `await new Promise((yes) => setTimeout(yes, 20)); await load("node:net"); return c.claim;`,
  ],
  [
    "import-resolve",
    "Imports what import.meta.resolve names",
    `const meta = import.meta.url; await load(new URL("node:net", "file:///").href); return c.claim;`,
  ],
  [
    "import-function",
    "Imports by code from a string",
    `return await new Function("return import('node:net')")() && c.claim;`,
  ],
  ["import-eval", "Imports by eval", `return await (0, eval)("import('node:net')") && c.claim;`],
  [
    "import-async-function",
    "Imports by code of an async function",
    `return await (async () => {}).constructor("return import('node:net')")() && c.claim;`,
  ],
  [
    "import-generator",
    "Imports by code of a generator",
    `return (function* () {}).constructor("yield import('node:net')")().next() && c.claim;`,
  ],
  [
    "import-then",
    "Imports a thing that says what it is when it is asked",
    `let asked = 0; await import({ toString: () => asked++ ? "node:net" : "data:text/javascript,1" }); return c.claim;`,
  ],
  ["import-array", "Imports an array", `await import(["node:net"]); return c.claim;`],
  ["import-own", "Imports itself again", `await load(import.meta.url); return c.claim;`],
  [
    "import-shadow-realm",
    "Imports in a realm of its own",
    `await new ShadowRealm().importValue("node:net", "default"); return c.claim;`,
  ],
  [
    "import-wasm-module",
    "Has WebAssembly import a module",
    `await WebAssembly.instantiate(new Uint8Array([0,97,115,109,1,0,0,0]), { "node:net": {} }); return "";`,
  ],
]);

const module = (place: Partial<Attempt>, rows: readonly AttemptRow[]) =>
  attempts("load time", rows, { place: "module", ...place });

/** `$URL`, `$JSON`, `$SCRIPT` and `$PORT` are put in. What they get at they print. */
const STATIC: readonly AttemptRow[] = [
  [
    "static-text",
    "Imports a file as text, statically",
    `import t from "$URL" with { type: "text" }; console.log(t);`,
  ],
  [
    "static-json",
    "Imports JSON, statically",
    `import j from "$JSON" with { type: "json" }; console.log(JSON.stringify(j));`,
  ],
  [
    "static-script",
    "Imports a script, statically",
    `import * as s from "$SCRIPT"; console.log(JSON.stringify(s));`,
  ],
  ["static-namespace", "Hands a script on", `export * from "$SCRIPT";`],
  ["static-named", "Hands a name of a script on", `export { default as x } from "$SCRIPT";`],
  ["static-side-effect", "Imports a script for its effect", `import "$SCRIPT";`],
  [
    "static-bytes",
    "Imports bytes, statically",
    `import b from "$URL" with { type: "bytes" }; console.log(new TextDecoder().decode(b));`,
  ],
  ["static-wasm", "Imports WebAssembly, statically", `import source m from "$URL"; console.log(m);`],
  [
    "static-defer",
    "Imports a script when it is used",
    `import defer * as s from "$SCRIPT"; console.log(JSON.stringify(s));`,
  ],
  ["static-http", "Imports from this machine, statically", `import "http://127.0.0.1:$PORT/x.js";`],
  ["static-npm", "Imports a package, statically", `import "npm:is-odd";`],
  [
    "static-data",
    "Imports a data URL that imports a file",
    `import t from "data:text/javascript,export { default } from '$URL' with { type: 'text' }"; console.log(t);`,
  ],
  [
    "static-literal",
    "Imports a file by import() of a literal",
    `const { default: t } = await import("$URL", { with: { type: "text" } }); console.log(t);`,
  ],
  [
    "static-types",
    "Names a file's types",
    `// @ts-types="$SCRIPT"\n/// <reference path="$SCRIPT" />\n/** @type {import("$SCRIPT").default} */\nexport default 1;`,
  ],
  [
    "static-source-map",
    "Has a file taken for a source map",
    `export default 1; console.log(new Error("x").stack);\n//# sourceMappingURL=$URL`,
  ],
  ["static-jsx", "Has a file taken for a JSX runtime", `/** @jsxImportSource $SCRIPT */\nexport default 1;`],
];

const NODE_STATIC: readonly AttemptRow[] = [
  [
    "static-node-net",
    "Imports node:net, statically",
    `import net from "node:net"; console.log("$CLAIM" + typeof net);`,
  ],
  ["static-node-bare", "Imports fs, statically", `import fs from "fs"; console.log("$CLAIM");`],
  [
    "static-node-escaped",
    "Imports node:net by an escaped name",
    `import net from "\\u006eode:net"; console.log("$CLAIM");`,
  ],
  [
    "static-node-separator",
    "Imports node:net behind a line separator",
    `let a = 1;\u2028import net from "node:net"; console.log("$CLAIM");`,
  ],
  [
    "static-node-hashbang",
    "Imports node:net behind a hashbang",
    `#!/usr/bin/env node\nimport net from "node:net"; console.log("$CLAIM");`,
  ],
  [
    "static-node-comment",
    "Imports node:net behind a comment of HTML",
    `<!-- \`\nimport net from "node:net"; console.log("$CLAIM");`,
  ],
  ["static-node-export", "Hands node:net on", `export { Socket } from "node:net"; console.log("$CLAIM");`],
];

const LOAD_TIME: Attempt[] = [
  ...module({}, STATIC),
  ...module({}, NODE_STATIC),
  // Behind the lexer stands Deno: what a lexer might miss fails there, but for node:.
  ...module({ without: "lexer" }, STATIC).map((attempt): Attempt => ({
    ...attempt,
    id: `${attempt.id}-unlexed`,
    what: `${attempt.what}, unseen by the lexer`,
  })),
];

/** Attempts to import. */
export const IMPORTS: readonly Attempt[] = [...DYNAMIC, ...LOAD_TIME];
