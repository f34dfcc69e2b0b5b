import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { FileLock } from "./file_lock.ts";

const WINDOWS = Deno.build.os === "windows";

for (const remove of [false, true]) {
  Deno.test(`FileLock lets one in at a time; its file ${remove ? "goes with it" : "stays"}`, async () => {
    using folder = new TempFolder();
    const path = `${folder.path}/lock`;
    let [inside, most] = [0, 0];
    const enter = async (take: () => Promise<FileLock | null>) => {
      using lock = await take();
      ok(lock);
      most = Math.max(most, ++inside);
      await Promise.resolve();
      inside--;
    };
    await Promise.all(
      Array.from(
        { length: 20 },
        (_, at) =>
          enter(() =>
            at % 2 === 0 ? FileLock.take(path, { remove }) : FileLock.takeWithin(path, 20_000, { remove })
          ),
      ),
    );
    deepStrictEqual([inside, most], [0, 1]);
    const left = remove && !WINDOWS ? [] : ["lock"];
    deepStrictEqual(Array.from(Deno.readDirSync(folder.path), ({ name }) => name), left);
  });
}

Deno.test("FileLock.tryTake() and takeWithin() give up what another holds, and a dead one's file is no lock", async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/lock`;
  await Deno.writeTextFile(path, "");
  {
    using held = FileLock.tryTake(path);
    ok(held);
    equal(FileLock.tryTake(path), null);
    equal(await FileLock.takeWithin(path, 30), null);
  }
  // Not at once: a process that another test starts this moment has the file open until it is another program.
  using again = await FileLock.takeWithin(path, 10_000);
  ok(again);
});
