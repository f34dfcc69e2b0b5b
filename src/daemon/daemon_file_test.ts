import assert from "node:assert/strict";
import { thisProcess } from "../store/process_mark.ts";
import { verifies } from "../../tests/verifies.ts";
import { type DaemonRecord, findDaemon, removeDaemonFile, writeDaemonFile } from "./daemon_file.ts";

const RECORD: DaemonRecord = {
  pid: Deno.pid,
  version: "1.2.3",
  startedAt: "2026-11-21T12:00:00.000000Z",
  urls: ["http://127.0.0.1:4242", "http://127.0.0.1:42"],
  ports: [4242, 42],
  process: thisProcess(),
};

function withPath(test: (path: string, folder: string) => void): void {
  const folder = Deno.makeTempDirSync({ prefix: "km-daemon-" });
  try {
    test(`${folder}/daemon.json`, folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("findDaemon() finds what writeDaemonFile() wrote, and leaves nothing else", () => {
  verifies("serve-daemon-json");
  withPath((path, folder) => {
    writeDaemonFile(path, RECORD);
    assert.deepEqual(findDaemon(path), RECORD);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["daemon.json"]);
    if (Deno.build.os !== "windows") assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  });
});

Deno.test("findDaemon() finds none when the process has ended, also when its pid lives on in another", () => {
  verifies("serve-daemon-json", "serve-one-per-home");
  withPath((path) => {
    const later = { ...thisProcess(), start: "another boot 1" };
    writeDaemonFile(path, { ...RECORD, process: later });
    assert.equal(findDaemon(path), null);
  });
});

const BROKEN = [
  "",
  "{",
  "null",
  "[]",
  "{}",
  '{"pid":1}',
  JSON.stringify({ ...RECORD, urls: [] }),
  JSON.stringify({ ...RECORD, pid: -1 }),
];
for (const text of BROKEN) {
  Deno.test(`findDaemon() finds none in a file that says ${text.slice(0, 20) || "nothing"}`, () => {
    withPath((path) => {
      Deno.writeTextFileSync(path, text);
      assert.equal(findDaemon(path), null);
    });
  });
}

Deno.test("removeDaemonFile() leaves the file of another process", () => {
  verifies("serve-daemon-json");
  withPath((path) => {
    writeDaemonFile(path, RECORD);
    removeDaemonFile(path, RECORD.pid + 1);
    assert.ok(findDaemon(path));
    removeDaemonFile(path, RECORD.pid);
    removeDaemonFile(path, RECORD.pid);
    assert.equal(findDaemon(path), null);
  });
});
