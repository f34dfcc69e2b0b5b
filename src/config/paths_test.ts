import { deepStrictEqual, equal } from "node:assert/strict";
import { kmPaths } from "./paths.ts";

const env = (values: Record<string, string>) => (name: string) => values[name];

Deno.test("kmPaths() puts everything into .km of the user's home directory", () => {
  deepStrictEqual(kmPaths({ env: env({ HOME: "/home/ann" }), windows: false }), {
    home: "/home/ann/.km",
    database: "/home/ann/.km/km.db",
    config: "/home/ann/.km/config.jsonc",
    token: "/home/ann/.km/token",
    daemon: "/home/ann/.km/daemon.json",
    lock: "/home/ann/.km/daemon.lock",
    log: "/home/ann/.km/daemon.log",
    keys: "/home/ann/.km/keys.json",
    endedSessions: "/home/ann/.km/signed-out.json",
    update: "/home/ann/.km/update.json",
    hooks: "/home/ann/.km/hooks",
  });
});

const HOMES: readonly (readonly [string, string])[] = [
  ["/srv/km", "/srv/km"],
  ["/srv/km//", "/srv/km"],
  ["~/records", "/home/ann/records"],
  ["~", "/home/ann"],
  ["records", "/srv/records"],
  ["/", "/"],
];

for (const [given, home] of HOMES) {
  Deno.test(`kmPaths() reads KM_HOME=${given} as ${home}`, () => {
    equal(
      kmPaths({ env: env({ HOME: "/home/ann", KM_HOME: given }), windows: false, cwd: () => "/srv" }).home,
      home,
    );
  });
}

Deno.test("kmPaths() uses USERPROFILE and backslashes on Windows", () => {
  equal(
    kmPaths({ env: env({ USERPROFILE: "C:\\Users\\ann" }), windows: true }).database,
    "C:\\Users\\ann\\.km\\km.db",
  );
  equal(kmPaths({ env: env({ KM_HOME: "D:\\km" }), windows: true }).config, "D:\\km\\config.jsonc");
});

Deno.test("kmPaths() asks the system where HOME is not set", () => {
  equal(kmPaths({ env: env({}) }).home.endsWith(".km"), true);
});
