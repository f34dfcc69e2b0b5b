import { deepEqual, equal } from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import type { Permissions } from "../manifest.ts";
import {
  fitsPattern,
  intersect,
  isNothing,
  missing,
  NOTHING,
  permissionChanges,
  unite,
  without,
} from "./compare.ts";

type Change = Partial<Omit<Permissions, "data">> & { readonly data?: Partial<Permissions["data"]> };

function permissions({ data, ...rest }: Change): Permissions {
  return { ...NOTHING, ...rest, data: { ...NOTHING.data, ...data } };
}

Deno.test("missing() is what a grant does not cover", () => {
  verifies("refuse-wider");
  const cases: readonly (readonly [Change, Change, Change])[] = [
    [{ net: ["a.example:443"] }, {}, { net: ["a.example:443"] }],
    [{ net: ["a.example:443"] }, { net: ["a.example"] }, {}],
    [{ net: ["a.example:80"] }, { net: ["a.example"] }, { net: ["a.example:80"] }],
    [{ net: ["[2600::1]"] }, { net: ["[2600::1]:443"] }, {}],
    [{ read: ["~/a/b"] }, { read: ["~/a/"] }, {}],
    [{ read: ["~/ab"] }, { read: ["~/a"] }, { read: ["~/ab"] }],
    [{ read: ["~/a"] }, { write: ["~/a"] }, { read: ["~/a"] }],
    [{ env: ["LANG", "HOME"] }, { env: ["LANG"] }, { env: ["HOME"] }],
    [{ data: { servers: ["git*"] } }, { data: { servers: ["*"] } }, {}],
    [{ data: { servers: ["*"] } }, { data: { servers: ["git*"] } }, { data: { servers: ["*"] } }],
    [{ data: { methods: ["tools/*"] } }, { data: { methods: ["tools/call"] } }, {
      data: { methods: ["tools/*"] },
    }],
    [{ data: { payload: "full" } }, { data: { payload: "redacted" } }, { data: { payload: "full" } }],
    [{ data: { payload: "redacted" } }, { data: { payload: "full" } }, {}],
    [{ data: { directions: ["client_to_server"] } }, { data: { directions: ["client_to_server"] } }, {}],
  ];
  for (const [asked, granted, lacking] of cases) {
    deepEqual(
      missing(permissions(asked), permissions(granted)),
      permissions(lacking),
      JSON.stringify([asked, granted]),
    );
  }
});

Deno.test("intersect() is never more than either", () => {
  const wide = permissions({
    net: ["a.example:443", "b.example:443"],
    read: ["~/notes"],
    write: ["~/out/deep"],
    data: { servers: ["*"], methods: ["tools/*", "ping"], directions: ["client_to_server"], payload: "full" },
  });
  const narrow = permissions({
    net: ["b.example", "c.example"],
    read: ["~/notes/a", "~/other"],
    write: ["~/out"],
    data: {
      servers: ["github"],
      methods: ["tools/call"],
      directions: ["client_to_server"],
      payload: "redacted",
    },
  });
  const both = intersect(wide, narrow);
  deepEqual(
    both,
    permissions({
      net: ["b.example:443"],
      read: ["~/notes/a"],
      write: ["~/out/deep"],
      data: {
        servers: ["github"],
        methods: ["tools/call"],
        directions: ["client_to_server"],
        payload: "redacted",
      },
    }),
  );
  equal(isNothing(missing(both, wide)) && isNothing(missing(both, narrow)), true);
  equal(isNothing(missing(wide, unite(wide, narrow))), true);
  equal(isNothing(missing(narrow, unite(wide, narrow))), true);
});

Deno.test("without() takes back what is named, and lowers a payload by what is taken", () => {
  const granted = permissions({
    net: ["a.example:443", "b.example:443"],
    data: { servers: ["git", "files"], payload: "full" },
  });
  deepEqual(without(granted, permissions({ net: ["a.example"], data: { servers: ["git"] } })), {
    ...granted,
    net: ["b.example:443"],
    data: { ...granted.data, servers: ["files"] },
  });
  equal(without(granted, permissions({ data: { payload: "full" } })).data.payload, "redacted");
  equal(without(granted, permissions({ data: { payload: "redacted" } })).data.payload, "none");
});

Deno.test("permissionChanges() tells what an update adds and what it gives up", () => {
  verifies("consent-update");
  const before = permissions({ net: ["a.example:443"], data: { servers: ["*"], payload: "redacted" } });
  const after = permissions({ net: ["b.example:443"], data: { servers: ["git"], payload: "full" } });
  deepEqual(permissionChanges(before, after), {
    added: permissions({ net: ["b.example:443"], data: { payload: "full" } }),
    removed: permissions({ net: ["a.example:443"], data: { servers: ["*"] } }),
  });
});

Deno.test("fitsPattern() takes * for any run of characters, and takes no time", () => {
  for (
    const [text, pattern, fits] of [
      ["tools/call", "tools/*", true],
      ["tools/call", "*", true],
      ["", "*", true],
      ["tools", "tools/*", false],
      ["a.b", "a?b", false],
      ["aXbYc", "a*b*c", true],
      ["abab", "*ab", true],
      ["aba", "ab*ba", false],
      ["abc", "abc", true],
      ["[x]", "[x]", true],
    ] as const
  ) equal(fitsPattern(text, pattern), fits, `${text} ${pattern}`);
  equal(fitsPattern("a".repeat(100_000), `${"*a".repeat(90)}*b`), false);
});
