/** km service as a process, with a systemctl that only notes what it is asked. @module */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../../src/core/error.ts";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { runKm, TempFolder } from "./harness.ts";

const LINUX = unlessOs("linux");

/** A user's folders, and a PATH whose systemctl ends with `code`. */
class FakeUser extends TempFolder {
  readonly unit = `${this.path}/config/systemd/user/km.service`;
  readonly options = {
    home: `${this.path}/my home`,
    env: { XDG_CONFIG_HOME: `${this.path}/config`, PATH: `${this.path}/bin:${Deno.env.get("PATH")}` },
  };

  constructor(code: number) {
    super();
    Deno.mkdirSync(`${this.path}/bin`);
    const script =
      `#!/bin/sh\necho "$*" >> "${this.path}/asked"\n[ ${code} = 0 ] || echo "no bus" >&2\nexit ${code}\n`;
    Deno.writeTextFileSync(`${this.path}/bin/systemctl`, script, { mode: 0o755 });
  }

  asked(): string[] {
    return Deno.readTextFileSync(`${this.path}/asked`).trim().split("\n");
  }
}

testUnless(
  LINUX,
  "km service install writes a unit, starts it, and says what it wrote and how to undo it",
  async () => {
    verifies("serve-service");
    using user = new FakeUser(0);
    const { code, out } = await runKm(["service", "install", "--port", "4355"], user.options);
    assert.equal(code, 0);
    assert.equal(
      out,
      `wrote ${user.unit}\nkm serve runs now, and at each login\nto undo: km service uninstall\n`,
    );
    const unit = Deno.readTextFileSync(user.unit);
    assert.match(unit, /^ExecStart=.*"serve" "--port" "4355"$/m);
    assert.ok(unit.includes(`Environment="KM_HOME=${user.options.home}"`), unit);
    assert.deepEqual(user.asked(), ["--user daemon-reload", "--user enable --now km.service"]);
  },
);

testUnless(LINUX, "km service install says what it could not do, and how to do it later", async () => {
  verifies("serve-service");
  using user = new FakeUser(1);
  const { code, out } = await runKm(["service", "install"], user.options);
  assert.equal(code, 0);
  assert.match(out, /did not start it: "systemctl --user daemon-reload" ended with 1: no bus/);
  assert.match(out, /later: systemctl --user enable --now km\.service/);
  assert.ok(Deno.statSync(user.unit).isFile);
});

testUnless(LINUX, "km service install --print writes nothing", async () => {
  verifies("serve-service");
  using user = new FakeUser(0);
  const { code, out } = await runKm(["service", "install", "--print"], user.options);
  assert.equal(code, 0);
  assert.match(out, new RegExp(`^# ${user.unit}\n\\[Unit\\]`));
  await assert.rejects(Deno.stat(user.unit), Deno.errors.NotFound);
  await assert.rejects(Deno.stat(`${user.path}/asked`), Deno.errors.NotFound);
});

testUnless(LINUX, "km service status and uninstall know what is installed", async () => {
  verifies("serve-service");
  using user = new FakeUser(0);
  assert.equal((await runKm(["service", "status"], user.options)).code, EXIT_CODES.not_found);
  assert.equal((await runKm(["service", "uninstall"], user.options)).code, EXIT_CODES.not_found);
  await runKm(["service", "install"], user.options);
  assert.match(
    (await runKm(["service", "status"], user.options)).out,
    new RegExp(`^installed: ${user.unit}\n`),
  );
  const { code, out } = await runKm(["service", "uninstall"], user.options);
  assert.equal(code, 0);
  assert.match(out, new RegExp(`^removed ${user.unit}\n`));
  assert.ok(user.asked().includes("--user disable --now km.service"));
  await assert.rejects(Deno.stat(user.unit), Deno.errors.NotFound);
});
