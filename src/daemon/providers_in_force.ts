/** The providers as the config file has them now; what is wrong with them is told to the log once. @module */
import type { Settings } from "../config/settings_in_force.ts";
import { type LoadedProviders, loadProviders } from "../sessions/providers/providers.ts";

export class ProvidersInForce {
  readonly #settings: Pick<Settings, "options">;
  readonly #log: (line: string) => void;
  /** The last problems that the log was told. */
  #told = "";

  constructor(
    { settings, log }: { readonly settings: Pick<Settings, "options">; readonly log: (line: string) => void },
  ) {
    this.#settings = settings;
    this.#log = log;
    this.look();
  }

  look(): LoadedProviders {
    const loaded = loadProviders(this.#settings.options.file?.providers);
    const told = loaded.problems.join("; ");
    if (told !== "" && told !== this.#told) {
      this.#log(`config file: ${told}; each provider with a problem counts as not there`);
    }
    this.#told = told;
    return loaded;
  }
}
