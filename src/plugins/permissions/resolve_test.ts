import { deepEqual, equal, throws } from "node:assert/strict";
import { KmError } from "../../core/error.ts";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { testUnless, unlessOs } from "../../../tests/skip.ts";
import { verifies } from "../../../tests/verifies.ts";
import { NOTHING } from "./compare.ts";
import { resolveGrants } from "./resolve.ts";

const NO_LINKS = unlessOs("linux", "darwin");

class Place implements Disposable {
  readonly #folder = new TempFolder();
  readonly top: string = Deno.realPathSync(this.#folder.path);
  readonly homes: { home: string; kmHome: string } = {
    home: `${this.top}/user`,
    kmHome: `${this.top}/user/.km`,
  };

  constructor() {
    for (const folder of ["user/.km", "user/notes/deep", "outside"]) {
      Deno.mkdirSync(`${this.top}/${folder}`, { recursive: true });
    }
    Deno.writeTextFileSync(`${this.top}/outside/secret`, "s");
    Deno.writeTextFileSync(`${this.top}/user/notes/a`, "a");
  }

  /** Checks that a folder is refused with this reason, to be read and to be written. */
  refuses(folder: string, reason: RegExp, maxEntries?: number): void {
    for (const use of ["read", "write"]) {
      throws(
        () =>
          resolveGrants(
            { ...NOTHING, [use]: [folder] },
            this.homes,
            maxEntries === undefined ? {} : { maxEntries },
          ),
        (error) => error instanceof KmError && error.code === "not_granted" && reason.test(error.message),
        `${use} ${folder} ${reason}`,
      );
    }
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

testUnless(NO_LINKS, "resolveGrants() makes folders absolute and gives hosts their port", () => {
  verifies("plugin-folders-only");
  using place = new Place();
  deepEqual(
    resolveGrants(
      { ...NOTHING, net: ["a.example", "b.example:8443"], read: ["~/notes"], env: ["LANG"] },
      place.homes,
    ),
    {
      net: ["a.example:443", "b.example:8443"],
      read: [`${place.homes.home}/notes`],
      write: [],
      env: ["LANG"],
    },
  );
});

testUnless(NO_LINKS, "resolveGrants() refuses a link on the way, and one below that leads out", () => {
  verifies("plugin-folders-only");
  using place = new Place();
  const { top } = place;
  Deno.symlinkSync(`${top}/outside`, `${top}/user/link`);
  place.refuses("~/link", /is a link, and links are not followed/);
  Deno.symlinkSync(`${top}/user/notes`, `${top}/user/way`);
  place.refuses("~/way/deep", /is a link, and links are not followed/);
  place.refuses(`${top}/user/way/deep`, /is a link, and links are not followed/);
  const below = `${top}/user/notes/deep/out`;
  Deno.symlinkSync("../../../outside/secret", below);
  place.refuses("~/notes", /is a link that leads out/);
  Deno.removeSync(below);
  Deno.symlinkSync(`${top}/outside/not-yet`, below);
  place.refuses("~/notes", /a link to something that is not there/);
  Deno.removeSync(below);
  Deno.symlinkSync("../a", below);
  equal(
    resolveGrants({ ...NOTHING, read: ["~/notes"] }, place.homes).read.length,
    1,
    "a link that stays inside",
  );
});

testUnless(NO_LINKS, "resolveGrants() refuses a file that has another name elsewhere", () => {
  verifies("plugin-folders-only");
  using place = new Place();
  const { top } = place;
  Deno.linkSync(`${top}/user/notes/a`, `${top}/user/notes/deep/b`);
  equal(
    resolveGrants({ ...NOTHING, write: ["~/notes"] }, place.homes).write.length,
    1,
    "both names are inside",
  );
  Deno.linkSync(`${top}/outside/secret`, `${top}/user/notes/c`);
  place.refuses("~/notes", /has 1 more name elsewhere \(hard links\)/);
});

testUnless(
  NO_LINKS,
  "resolveGrants() refuses what is missing, no folder, a whole home, km's own, or too large to look at",
  () => {
    verifies("plugin-folders-only");
    using place = new Place();
    const { top } = place;
    place.refuses("~/nothing", /does not exist/);
    place.refuses("~/notes/a", /is no folder/);
    place.refuses(`${top}/user`, /holds (km's own folder|the whole home folder)/);
    place.refuses(top, /holds/);
    place.refuses("~/.km", /secrets|km/);
    place.refuses("/", /whole disk/);
    place.refuses("~/.ssh", /secrets/);
    place.refuses("/proc/self", /belongs to the system/);
    place.refuses("~/../outside", /"\." or "\.\."/);
    place.refuses("~/notes", /more in it than km looks at \(1 entries/, 1);
  },
);

Deno.test("resolveGrants() refuses addresses of private networks that stand in a changed plugins.lock", () => {
  verifies("plugin-private-networks");
  for (const net of ["127.0.0.1:80", "localhost", "169.254.169.254", "[::1]:80", "10.1.2.3"]) {
    throws(
      () => resolveGrants({ ...NOTHING, net: [net] }, { home: "/nobody", kmHome: "/nobody/.km" }),
      KmError,
    );
  }
});
