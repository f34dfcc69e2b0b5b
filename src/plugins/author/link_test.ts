import { match, rejects, strictEqual } from "node:assert/strict";
import type { KmError } from "../../core/error.ts";
import { importsOf, linkPlugin } from "./link.ts";

const SDK = {
  name: "sdk.ts",
  text: `/** Makes a plugin. */
export interface Plugin<T> { name: string; onMessage(m: T): void }
export function definePlugin<T>(plugin: Plugin<T>): Plugin<T> { return plugin; }
const secret = 1;
export const LEVELS: readonly string[] = ["a", "b"];
export { secret as shown };
export class Box { constructor(readonly value: number) {} }
`,
};

function plugin(text: string) {
  return { name: "plugin.ts", text };
}

async function run(code: string): Promise<Record<string, unknown>> {
  return await import(`data:text/javascript;base64,${btoa(code)}`);
}

function refusal(message: RegExp, hint: RegExp) {
  return (error: unknown) => {
    match((error as KmError).message, message);
    match((error as KmError).hint ?? "", hint);
    strictEqual((error as KmError).code, "plugin_failed");
    return true;
  };
}

Deno.test("linkPlugin() writes the SDK into the plugin, and leaves no import and no type", async () => {
  const code = await linkPlugin(
    plugin(`
import { definePlugin, type Plugin, LEVELS as levels, shown } from "./sdk.ts";
import type { Other } from "./other.ts";
import * as sdk from "../sdk/mod.ts";
enum Answer { Yes = 42 }
const made: Plugin<Other> = definePlugin({ name: levels[1]! + shown, onMessage() {} });
export default { made, answer: Answer.Yes, box: new sdk.Box(3).value };
`),
    SDK,
  );
  match(code, /^const kmSdk = /);
  strictEqual((await importsOf(plugin(code))).length, 0);
  const { default: all } = await run(code) as {
    default: { made: { name: string }; answer: number; box: number };
  };
  strictEqual(all.made.name, "b1");
  strictEqual(all.answer, 42);
  strictEqual(all.box, 3);
});

Deno.test("linkPlugin() makes the same of the same", async () => {
  const source = plugin(
    `import { definePlugin } from "./sdk.ts";\nexport default definePlugin({ name: "kmSdk", onMessage() {} });`,
  );
  const [one, two] = [await linkPlugin(source, SDK), await linkPlugin(source, SDK)];
  strictEqual(one, two);
  // The name that the SDK gets is not one of the plugin's.
  match(one, /^const kmSdk2 = /);
  strictEqual(((await run(one)).default as { name: string }).name, "kmSdk");
});

Deno.test("importsOf() names what is imported, types left out", async () => {
  const source = plugin(
    `import type { A } from "./a.ts"; import { b } from "./b.ts"; import "node:fs"; export const x = b; export * from "./c.ts"; await import(x);`,
  );
  strictEqual(JSON.stringify(await importsOf(source)), '["./b.ts","node:fs","./c.ts",null]');
});

Deno.test("linkPlugin() refuses every other import, and says which", async () => {
  const one = /one file/;
  for (
    const [text, message, hint] of [
      [`import fs from "node:fs"; export default fs;`, /imports "node:fs"/, one],
      [
        `import x from "./data.json" with { type: "json" }; export default x;`,
        /imports "\.\/data\.json"/,
        one,
      ],
      [`export * from "./sdk.ts";`, /imports "\.\/sdk\.ts"/, one],
      [`const a = await import("./sdk.ts"); export default a;`, /while it runs/, /at the top/],
      [
        `const a = await import("./" + Date.now()); export default a;`,
        /imports something that is only known then while it runs/,
        /at the top/,
      ],
      [`import sdk from "./sdk.ts"; export default sdk;`, /no default export/, /definePlugin/],
      [`import { nothing } from "./sdk.ts"; export default nothing;`, /exports no "nothing"/, /definePlugin/],
      [`export default = 1`, /Cannot read plugin\.ts:1:16: Expression expected/, /^$/],
    ] as const
  ) {
    await rejects(linkPlugin(plugin(text), SDK), refusal(message, hint), text);
  }
});

Deno.test("linkPlugin() refuses an SDK that is none", async () => {
  const bad = { name: "sdk.ts", text: `import "./x.ts"; export const definePlugin = 1;` };
  const source = plugin(`import { definePlugin } from "./sdk.ts"; export default definePlugin;`);
  await rejects(linkPlugin(source, bad), refusal(/sdk\.ts in: it has imports/, /km plugins new/));
});
