import { deepStrictEqual } from "node:assert/strict";
import { ROOT } from "../../tests/e2e/harness.ts";
import { SETTINGS } from "./settings.ts";
import { VARIABLES } from "./variables.ts";

/** Names of km's variables that code under `folder` reads. */
function read(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return name === "static" ? [] : read(`${folder}/${name}`);
    if (!name.endsWith(".ts") || name.endsWith("_test.ts")) return [];
    return Deno.readTextFileSync(`${folder}/${name}`).matchAll(/\b(?:readEnv|env)\("(KM_\w+)"\)/g)
      .map(([, variable = ""]) => variable).toArray();
  });
}

Deno.test("every variable that km reads is a setting's or in the list, and the list has no other", () => {
  const ofSettings = new Set<string>(SETTINGS.map(({ env }) => env));
  const wanted = [...new Set(read(`${ROOT}src`))].filter((name) => !ofSettings.has(name));
  const listed = VARIABLES.map(({ name }) => name).filter((name) => name.startsWith("KM_"));
  deepStrictEqual(listed.toSorted(), wanted.toSorted());
});
