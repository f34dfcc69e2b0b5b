import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../../tests/skip.ts";
import { isGone, isOfThisHost, thisProcess } from "./process_mark.ts";

Deno.test("isGone() is false for this process, and for one of another host, of which nobody can tell", () => {
  assert.equal(isGone(thisProcess()), false);
  const elsewhere = { pid: 2 ** 22 + 1, start: "", host: "elsewhere" };
  assert.deepEqual([isGone(elsewhere), isOfThisHost(elsewhere)], [false, false]);
  assert.equal(isGone({ ...elsewhere, host: thisProcess().host }), true);
});

testUnless(
  unlessOs("linux"),
  "isGone() is true for a process that was killed and that nobody has waited for",
  async () => {
    // The shell becomes a program that never asks how its child ended.
    const parent = new Deno.Command("sh", {
      args: ["-c", "sleep 1000 & echo $!; exec sleep 1000"],
      stdout: "piped",
    }).spawn();
    const reader = parent.stdout.getReader();
    try {
      const pid = Number(new TextDecoder().decode((await reader.read()).value));
      const stat = () => Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
      const [boot] = thisProcess().start.split(" ");
      const mark = { ...thisProcess(), pid, start: `${boot} ${stat()[19]}` };
      assert.equal(isGone(mark), false);
      while (Deno.readTextFileSync(`/proc/${parent.pid}/comm`).trim() !== "sleep") await turn();
      Deno.kill(pid, "SIGKILL");
      while (stat()[0] !== "Z") await turn();
      assert.equal(isGone(mark), true);
    } finally {
      parent.kill("SIGKILL");
      await reader.cancel();
      await parent.status;
    }
  },
);

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
