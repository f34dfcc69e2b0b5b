import assert from "node:assert/strict";
import { fileLog, streamLog } from "./daemon_log.ts";

const LINE = /^\d{4}-\d\d-\d\dT[\d:.]+Z (.*)\n$/;

Deno.test("streamLog() writes one line, whatever the text holds", () => {
  let written = "";
  streamLog((text) => written += text).line("two\nlines \x1b[31m");
  assert.match(written, LINE);
  assert.equal(written.split("\n").length, 2);
  assert.ok(!written.includes("\x1b"));
});

Deno.test("fileLog() turns a full file over and goes on in a new one", () => {
  const folder = Deno.makeTempDirSync({ prefix: "km-log-" });
  const path = `${folder}/daemon.log`;
  {
    using log = fileLog(path, 100);
    for (const word of ["first ".repeat(20), "second ".repeat(20), "third"]) log.line(word);
  }
  assert.match(Deno.readTextFileSync(`${path}.1`), /second/);
  assert.match(Deno.readTextFileSync(path), /^[^ ]+ third\n$/);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("fileLog() never throws, and writes again when it can", () => {
  const folder = Deno.makeTempDirSync({ prefix: "km-log-" });
  const path = `${folder}/later/daemon.log`;
  using log = fileLog(path);
  log.line("lost");
  Deno.mkdirSync(`${folder}/later`);
  log.line("kept");
  assert.match(Deno.readTextFileSync(path), /kept/);
  Deno.removeSync(folder, { recursive: true });
});
