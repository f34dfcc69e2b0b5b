import { equal, throws } from "node:assert/strict";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { testUnless, unlessOs } from "../../../tests/skip.ts";
import { replaceFile } from "./replace_file.ts";

testUnless(
  unlessOs("linux"),
  "replaceFile() on a full disk leaves the old file, and nothing unfinished",
  () => {
    using folder = new TempFolder();
    const path = `${folder.path}/status.json`;
    replaceFile(path, "old");
    Deno.symlinkSync("/dev/full", `${path}.${Deno.pid}.tmp`);
    throws(() => replaceFile(path, "new"), /No space left/);
    equal(Deno.readTextFileSync(path), "old");
    equal([...Deno.readDirSync(folder.path)].length, 1);
  },
);
