/** README's first screen: what a newcomer sees without scrolling. @module */
import assert from "node:assert/strict";
import denoJson from "../deno.json" with { type: "json" };
import { commandNames } from "../src/cli/commands.ts";
import { pngSize } from "../scripts/screenshot/picture.ts";
import { ROOT } from "./e2e/harness.ts";
import { verifies } from "./verifies.ts";

/** Twice the 1280 CSS pixels of the page. */
const PICTURE_WIDTH = 2560;
/** A picture that weighs more keeps readers on slow lines waiting, in bytes. */
const PICTURE_BYTES = 400_000;

/** All before the second heading. */
function firstScreen(): string {
  const [, first = ""] = Deno.readTextFileSync(`${ROOT}README.md`).split(/^#+ .*\n/m);
  return first;
}

Deno.test("README.md begins with the one line that installs km, and three commands", () => {
  verifies("readme-first-screen");
  const text = firstScreen();
  assert.match(text, /curl -fsSL \S+\/install\.sh \| sh/);
  const commands = [...text.matchAll(/^km (\w+)/gm)].map(([, name = ""]) => name);
  assert.equal(commands.length, 3, `commands: ${commands}`);
  for (const name of commands) assert.ok(commandNames().includes(name), `km has no command "${name}"`);
});

Deno.test("README.md begins with a picture of the dashboard that a script takes", () => {
  verifies("readme-first-screen");
  const text = firstScreen();
  const pictures = [...new Set(text.match(/\.github\/[\w-]+\.png/g))];
  assert.ok(pictures.includes(".github/dashboard.png"), `pictures: ${pictures}`);
  for (const path of pictures) {
    const bytes = Deno.readFileSync(ROOT + path);
    const { width, height } = pngSize(bytes);
    assert.equal(width, PICTURE_WIDTH, path);
    assert.ok(height > 1200 && height < 2000, `${path} is ${height} pixels high`);
    assert.ok(bytes.length > 50_000 && bytes.length < PICTURE_BYTES, `${path} has ${bytes.length} bytes`);
  }
  assert.match(denoJson.tasks.screenshot.command, /scripts\/screenshot\.ts$/);
});
