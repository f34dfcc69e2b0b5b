import { equal, match, notEqual, rejects, throws } from "node:assert/strict";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { verifies } from "../../tests/verifies.ts";
import { KmError } from "../core/error.ts";
import {
  createPrivateFile,
  readPrivateFile,
  replacePrivateFile,
  withFileLock,
} from "../proc/private_file.ts";
import { equalSecrets, loadToken } from "./secret_token.ts";

const refused = (reason: RegExp) => (error: unknown) =>
  error instanceof KmError && error.code === "store_unavailable" && reason.test(error.message);

Deno.test("loadToken() makes 256 bits in a file of 0600 in a home of 0700, and finds them again", () => {
  verifies("auth-token");
  using folder = new TempFolder();
  const home = `${folder.path}/home`;
  const token = loadToken(`${home}/token`);
  match(token, /^[A-Za-z0-9_-]{43}$/);
  equal((Deno.statSync(`${home}/token`).mode ?? 0) & 0o777, 0o600);
  equal((Deno.statSync(home).mode ?? 0) & 0o777, 0o700);
  equal(loadToken(`${home}/token`), token);
  equal([...Deno.readDirSync(home)].length, 1, "nothing unfinished is left");
});

Deno.test("loadToken() gives all who start at once the same token", async () => {
  verifies("auth-token");
  using folder = new TempFolder();
  const script = `import { loadToken } from ${JSON.stringify(new URL("./secret_token.ts", import.meta.url))};
    console.log(loadToken(${JSON.stringify(folder.path)} + "/home/token"));`;
  const outputs = await Promise.all(Array.from({ length: 4 }, async () => {
    const command = new Deno.Command(Deno.execPath(), { args: ["eval", script], env: { NO_COLOR: "1" } });
    const { stdout } = await command.output();
    return new TextDecoder().decode(stdout).trim();
  }));
  match(outputs[0] ?? "", /^[A-Za-z0-9_-]{43}$/);
  equal(new Set(outputs).size, 1);
});

Deno.test("loadToken() refuses a file that others can read", () => {
  verifies("auth-token");
  using folder = new TempFolder();
  const path = `${folder.path}/token`;
  loadToken(path);
  for (const mode of [0o640, 0o604, 0o660]) {
    Deno.chmodSync(path, mode);
    throws(() => loadToken(path), refused(/other users can read it/));
  }
});

Deno.test("loadToken() refuses a link, also to a private file of ours", () => {
  using folder = new TempFolder();
  loadToken(`${folder.path}/other`);
  Deno.symlinkSync(`${folder.path}/other`, `${folder.path}/token`);
  throws(() => loadToken(`${folder.path}/token`), refused(/link/));
});

Deno.test("loadToken() does not write through a link that points nowhere", () => {
  using folder = new TempFolder();
  Deno.symlinkSync(`${folder.path}/elsewhere`, `${folder.path}/token`);
  throws(() => loadToken(`${folder.path}/token`), refused(/link/));
  equal(readPrivateFile(`${folder.path}/elsewhere`), null);
});

Deno.test({
  name: "loadToken() refuses a file of another user",
  ignore: Deno.uid() !== 0,
  fn() {
    using folder = new TempFolder();
    loadToken(`${folder.path}/token`);
    Deno.chownSync(`${folder.path}/token`, 65534, 65534);
    throws(() => loadToken(`${folder.path}/token`), refused(/another user/));
  },
});

Deno.test("loadToken() refuses what is no token: empty, short, other characters", () => {
  using folder = new TempFolder();
  for (const text of ["", "short", "x".repeat(42), `${"x".repeat(43)} y`, "é".repeat(43)]) {
    replacePrivateFile(`${folder.path}/token`, text);
    throws(() => loadToken(`${folder.path}/token`), refused(/no token/));
  }
});

Deno.test("loadToken() refuses to make one in a home that others can write to", () => {
  using folder = new TempFolder();
  Deno.chmodSync(folder.path, 0o770);
  throws(() => loadToken(`${folder.path}/token`), refused(/can write/));
});

Deno.test("createPrivateFile() never replaces what is there", () => {
  using folder = new TempFolder();
  equal(createPrivateFile(`${folder.path}/a`, "first"), true);
  equal(createPrivateFile(`${folder.path}/a`, "second"), false);
  equal(readPrivateFile(`${folder.path}/a`), "first");
});

Deno.test("withFileLock() lets one change at a time and gives the lock back after a failure", async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/count`;
  const count = () => replacePrivateFile(path, String(Number(readPrivateFile(path) ?? "0") + 1));
  await rejects(withFileLock(path, () => {
    throw new TypeError("broken");
  }));
  await Promise.all(Array.from({ length: 20 }, () => withFileLock(path, count)));
  equal(readPrivateFile(path), "20");
});

Deno.test("equalSecrets() compares whole texts", () => {
  equal(equalSecrets("secret", "secret"), true);
  for (const other of ["", "secre", "secrets", "Secret", "secreT"]) {
    equal(equalSecrets("secret", other), false);
  }
  notEqual(equalSecrets("\u00e9", "e\u0301"), true);
});
