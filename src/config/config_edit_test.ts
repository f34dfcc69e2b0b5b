import { equal, rejects } from "node:assert/strict";
import { resolve } from "node:path";
import { saveSetting } from "./config_edit.ts";
import { settingOf } from "./settings.ts";

async function withFile(text: string | undefined, work: (path: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/km/config.jsonc`;
  if (text !== undefined) {
    await Deno.mkdir(`${directory}/km`);
    await Deno.writeTextFile(path, text);
  }
  try {
    await work(path);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("saveSetting() keeps comments and everything else", async () => {
  await withFile(
    '{\n  // how long\n  "retention": { "days": 7 }, // a week\n  "output": "json"\n}\n',
    async (path) => {
      await saveSetting(settingOf("retention.days"), "30", path);
      equal(
        await Deno.readTextFile(path),
        '{\n  // how long\n  "retention": { "days": 30 }, // a week\n  "output": "json"\n}\n',
      );
    },
  );
});

Deno.test("saveSetting() makes the file, for its user alone", async () => {
  await withFile(undefined, async (path) => {
    await saveSetting(settingOf("retention.maxBytes"), "none", path);
    equal((await Deno.readTextFile(path)).includes('"maxBytes": null'), true);
    if (Deno.build.os !== "windows") equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  });
});

Deno.test("saveSetting() takes a setting out", async () => {
  await withFile('{"output": "json", "redact": "on"}', async (path) => {
    await saveSetting(settingOf("output"), undefined, path);
    equal((await Deno.readTextFile(path)).includes("output"), false);
  });
});

Deno.test("saveSetting() refuses a wrong value and leaves the file alone", async () => {
  await withFile("{}", async (path) => {
    await rejects(saveSetting(settingOf("bufferSize"), "huge", path), { code: "usage" });
    equal(await Deno.readTextFile(path), "{}");
  });
});

Deno.test("saveSetting() refuses an address that would be refused when it is used", async () => {
  await withFile("{}", async (path) => {
    for (const address of ["http://plugins.example", "ftp://plugins.example", "https://me@plugins.example"]) {
      for (const key of ["plugins.registry", "plugins.licenceUrl"] as const) {
        await rejects(saveSetting(settingOf(key), address, path), { code: "usage", message: /no https/ });
      }
    }
    await rejects(saveSetting(settingOf("plugins.licenceUrl"), "folder", path), { code: "usage" });
    equal(await Deno.readTextFile(path), "{}");
    for (const address of ["https://plugins.example/km", "http://127.0.0.1:8080", "none"]) {
      await saveSetting(settingOf("plugins.registry"), address, path);
      equal(JSON.parse(await Deno.readTextFile(path)).plugins.registry, address);
    }
  });
});

Deno.test("saveSetting() keeps a registry's folder by its whole path: km is called from anywhere", async () => {
  await withFile("{}", async (path) => {
    await saveSetting(settingOf("plugins.registry"), "a/registry", path);
    equal(JSON.parse(await Deno.readTextFile(path)).plugins.registry, resolve("a/registry"));
  });
});

Deno.test("saveSetting() refuses to change a broken file", async () => {
  await withFile('{"output": ', async (path) => {
    await rejects(saveSetting(settingOf("output"), "json", path), { code: "usage", hint: /mend the file/ });
    equal(await Deno.readTextFile(path), '{"output": ');
  });
});
