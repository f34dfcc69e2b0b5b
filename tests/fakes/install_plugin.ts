/**
 * A process that installs a package: `install_plugin.ts <home> <package> [<step>]`. With a step it ends itself by SIGKILL at its n-th change of the file
 * system, before or after it happened; without one it prints how many changes it made.
 * @module
 */
import { TempPluginHome } from "./plugin_home.ts";

const [top = "", file = "", step] = Deno.args;
const at = step === undefined ? Infinity : Number(step);
let changes = 0;

/** Each change has two places to die: as if it had not happened, and right after it. */
function counting<A extends unknown[], R>(change: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    if (++changes === at) die();
    const result = change(...args);
    if (++changes === at) die();
    return result;
  };
}

function die(): never {
  Deno.kill(Deno.pid, "SIGKILL");
  // The signal is on its way.
  for (;;);
}

Deno.mkdirSync = counting(Deno.mkdirSync);
Deno.openSync = counting(Deno.openSync);
Deno.renameSync = counting(Deno.renameSync);
Deno.removeSync = counting(Deno.removeSync);
Deno.chmodSync = counting(Deno.chmodSync);

const home = new TempPluginHome(top);
const { outcome } = await home.install(file);
// deno-lint-ignore no-console -- a program of its own
console.log(`${outcome} ${changes}`);
