/** Which folders a plugin may ask for. @module */
import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { folderProblem } from "./folder_rules.ts";

const FINE: readonly string[] = [
  "~/data",
  "~/Documents/notes 2026",
  "/srv/data",
  "/home/ann/projects/x",
  "/var/folders/aa/T/x",
  "/tmp/x",
  "C:\\Users\\Ann\\data",
  "D:/data/x",
  "~/.cache/quiet",
];

const REFUSED: Readonly<Record<string, RegExp>> = {
  "": /is not absolute/,
  "data": /is not absolute/,
  "./data": /is not absolute/,
  "~ann/data": /is not absolute/,
  "$HOME/data": /is not absolute/,
  "/": /is the whole disk/,
  "C:\\": /is the whole disk/,
  "~": /is the whole home folder/,
  "~/": /is the whole home folder/,
  "~/../ann": /has "\." or "\.\."/,
  "/srv/../etc/x": /has "\." or "\.\."/,
  "/srv/./x": /has "\." or "\.\."/,
  "/srv//x": /empty or ambiguous part/,
  "/srv/x/": /empty or ambiguous part/,
  "C:\\Users\\Ann\\x.": /empty or ambiguous part/,
  "C:\\Users\\Ann\\x:stream": /empty or ambiguous part/,
  "/srv\\x/y": /mixes/,
  "/srv/*": /is a pattern/,
  "/srv/a,/etc": /is a pattern/,
  "/home": /is too much/,
  "/etc": /is too much/,
  "/home/ann": /is a whole home folder/,
  "/Users/ann": /is a whole home folder/,
  "C:\\Users\\Ann": /is a whole home folder/,
  "/root/x": /belongs to the system/,
  "/proc/self": /belongs to the system/,
  "/dev/shm/x": /belongs to the system/,
  "/run/user/1000": /belongs to the system/,
  "~/.ssh": /secrets lie \("\.ssh"\)/,
  "~/.SSH/keys": /secrets lie/,
  "~/.\u017fsh": /secrets lie/,
  "~/.\u212Am": /secrets lie/,
  "C:\\Users\\Ann\\SSH~1": /empty or ambiguous part/,
  "/home/ann/.ssh": /secrets lie/,
  "~/.km": /secrets lie/,
  "~/.km/plugins/state": /secrets lie/,
  "~/.gnupg": /secrets lie/,
  "~/.aws": /secrets lie/,
  "~/.config": /settings and secrets of many programs/,
  "~/.config/gcloud/x": /secrets lie/,
  "~/Library/Keychains": /secrets lie/,
  "~/Library": /settings and secrets/,
  "~/projects/km/.git": /secrets lie \("\.git"\)/,
  "C:\\Users\\Ann\\AppData\\Roaming": /settings and secrets/,
};

Deno.test("folderProblem() lets folders of data be asked for", () => {
  for (const folder of FINE) {
    for (const use of ["read", "write"] as const) assert.equal(folderProblem(folder, use), null, folder);
  }
  assert.equal(folderProblem("/usr/share/dict", "read"), null);
  assert.equal(folderProblem("~/.config/acme", "read"), null);
});

Deno.test("folderProblem() refuses what is everything, somewhere else, or somebody's secret", () => {
  verifies("kmpkg-manifest");
  for (const [folder, said] of Object.entries(REFUSED)) {
    for (const use of ["read", "write"] as const) {
      assert.match(folderProblem(folder, use) ?? "it may be asked for", said, folder);
    }
  }
  assert.match(folderProblem(`/${"a".repeat(1100)}`, "read") ?? "", /is longer than 1024/);
});

Deno.test("folderProblem() lets nothing write where programs are started from", () => {
  verifies("kmpkg-manifest");
  for (const folder of ["/usr/share/x", "/etc/acme", "C:\\Windows\\Temp"]) {
    assert.match(folderProblem(folder, "write") ?? "", /belongs to the system/, folder);
  }
  const started = [
    "~/bin",
    "~/.local/bin",
    "~/Library/LaunchAgents",
    "~/.config/autostart",
    "/srv/a/node_modules/b",
  ];
  for (const folder of started) {
    assert.match(folderProblem(folder, "write") ?? "", /programs are started from/, folder);
  }
  for (const folder of ["~/.bashrc.d", "~/.config/acme", "~/.cache"]) {
    assert.match(folderProblem(folder, "write") ?? "", /holds settings of programs/, folder);
  }
});

Deno.test("folderProblem() refuses the user's own home and km's, of folders as they really are", () => {
  verifies("kmpkg-manifest");
  const homes = { home: "/data/people/ann", kmHome: "/data/km" };
  const problem = (folder: string) => folderProblem(folder, "read", homes);
  assert.equal(problem("/data/people/ann/notes"), null);
  assert.equal(problem("/data/kmx"), null);
  assert.match(problem("/data/km") ?? "", /belongs to km/);
  assert.match(problem("/data/km/plugins") ?? "", /belongs to km/);
  assert.match(problem("/data/people/ann") ?? "", /holds the whole home folder/);
  assert.match(problem("/data/people") ?? "", /holds the whole home folder/);
  assert.match(
    folderProblem("/data/people", "read", { home: "/data/people/ann", kmHome: "/data/people/ann/km" }) ?? "",
    /holds km's own folder/,
  );
});
