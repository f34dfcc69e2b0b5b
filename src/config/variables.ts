/** Variables of the environment that are no settings: they hold for one process and are not kept in a file. COMMANDS.md lists them. @module */

/** One of them. */
export interface Variable {
  readonly name: string;
  readonly help: string;
}

export const VARIABLES: readonly Variable[] = [
  { name: "KM_HOME", help: "Folder of everything that km keeps; ~/.km when it is not set" },
  {
    name: "KM_DENO",
    help: "The Deno that plugins run on, instead of the one that km finds; one that will not do is refused",
  },
  {
    name: "KM_RELAY",
    help: "fast or portable: how km monitor relays, instead of what the system allows",
  },
  { name: "KM_BASE_URL", help: "Address of releases for km update, instead of the one that was built in" },
  { name: "KM_NO_UPDATE_CHECK", help: "Anything: no daily look for a newer release" },
  { name: "KM_DEBUG", help: "1: errors come with where in km they arose" },
  {
    name: "NPM_CONFIG_REGISTRY",
    help: "npm registry that km doctor --fix downloads the Deno for plugins from",
  },
  { name: "NO_COLOR", help: "Anything: no colours (FORCE_COLOR=1: always)" },
];
