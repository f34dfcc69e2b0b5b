import assert from "node:assert/strict";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { missingProgram, testUnless } from "../../tests/skip.ts";
import { commitOf, git } from "./git.ts";

testUnless(
  missingProgram("git"),
  "commitOf() says what is committed, and of no repository around it",
  async () => {
    using folder = new TempFolder();
    const identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    await Deno.mkdir(`${folder.path}/inside`);
    await git(folder.path, ["init", "--quiet"]);
    await git(folder.path, [...identity, "commit", "--quiet", "--allow-empty", "-m", "one"]);
    assert.match(await commitOf(folder.path), /^[0-9a-f]{40}$/);
    await assert.rejects(commitOf(`${folder.path}/inside`), /is in another checkout/);
    await Deno.writeTextFile(`${folder.path}/inside/new`, "");
    assert.match(await commitOf(folder.path), /^[0-9a-f]{40}\+$/);
  },
);
