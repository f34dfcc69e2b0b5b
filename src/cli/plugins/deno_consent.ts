/** Brings the Deno that plugins run on, after asking: it is a download of 42 MB that nobody expects. @module */
import { printable } from "../../core/printable.ts";
import { type DenoPlaces, lookForDeno } from "../../proc/deno_runtime.ts";
import { askYesNo, canAsk } from "../ask.ts";
import { denoPlaces, npmRegistry } from "../deno_for_plugins.ts";
import { downloading } from "../doctor/runtime_check.ts";
import { writeError } from "../terminal.ts";

/** What it takes; replaced in tests. */
export interface DenoConsent {
  readonly places?: DenoPlaces;
  readonly registry?: string | null;
  readonly ask?: ((question: string) => boolean) | null;
  readonly say?: (line: string) => void;
}

/** Says on stderr what is missing, where nobody can be asked or the answer is no; the plugin stays off until it is there. */
export async function askForDeno(options: DenoConsent = {}): Promise<void> {
  const { places = denoPlaces(), registry = npmRegistry(), say = (line) => writeError(`${line}\n`) } =
    options;
  const ask = options.ask === undefined
    ? canAsk() ? (question: string) => askYesNo(question, false) : null
    : options.ask;
  const found = await lookForDeno(places);
  if (found.status === "ready" || found.status === "packed") return;
  if (found.status === "refused") {
    say(
      `km: warning: plugins cannot run: KM_DENO is ${printable(found.path)}, and ${printable(found.reason)}`,
    );
    return;
  }
  const repair = downloading(places, registry);
  if (repair === null) {
    say("km: warning: plugins cannot run: km knows no Deno for this system; set KM_DENO to the path of one");
  } else if (ask?.(`Plugins run on Deno, which is not here: ${printable(repair.does)}?`)) {
    say(printable(await repair.run()));
  } else {
    say(
      'km: warning: plugins cannot run until there is a Deno: "km doctor --fix plugins.runtime" downloads one',
    );
  }
}
