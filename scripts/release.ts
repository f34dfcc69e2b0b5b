/**
 * Makes releases: keys, the folder that is published, its renewal, and the proof that it is right.
 * @module
 */
import { reportError } from "../src/cli/report_error.ts";
import { build } from "./release/build.ts";
import { check } from "./release/check.ts";
import { keygen } from "./release/keygen.ts";
import { refusal } from "./release/refusal.ts";
import { sign } from "./release/sign.ts";
import { renew } from "./release/renew.ts";
import { verify } from "./release/verify.ts";

const HELP = `deno run -A scripts/release.ts <verb>

keygen --out <folder> [--rotate]   make the release keys: private ones into <folder>, outside of any
                                   repository, public ones into scripts/release/keys.json
check --base-url <address>         say whether a release could be made now, and sign nothing
  --tag, --valid-days, --allow-dirty, --key, --channels, --unsigned (without the key): as below
build --base-url <address>         build km and make a release in dist
  --files-url <address>            where the built files will lie, when not beside the manifests
  --homepage <address>             for Homebrew and Scoop; the base address by default
  --npm-registry <address>         where an installed km may fetch a Deno for plugins; from nowhere by default
  --targets <triple,…|all>         all that can be built here by default
  --out <folder>                   dist by default; must be empty
  --key <file>                     private key; else its text is in KM_RELEASE_KEY
  --channels <folder>              what is published now: a channel whose newest version is newer stays as it is;
                                   an empty folder before the first release
  --tag v<version>                 refuse when deno.json has another version
  --valid-days <days>              how long the manifests are believed, from the commit's time; 180 by default
  --allow-dirty                    release a changed checkout, for a trial
  --unsigned                       build only; the next verb makes the release, where the key is
sign <folder> --base-url <address> make a release of what "build --unsigned" built, with the same checkout
  --files-url, --homepage, --key, --channels, --tag, --valid-days, --allow-dirty: as above
renew <folder>                     sign the channels of a folder anew, believed for longer; versions stay as they are
  --valid-days <days>, --key <file>, --keys <file>
verify <folder> [--keys <file>]    check a release, or a folder of published manifests: every signature and checksum, and print commands that do the same;
                                   scripts/release/keys.json by default

Exit codes: 0; 2 the command line, the checkout or a folder is not as it must be; 3 not found; 23 a signature, a key or a
checksum is wrong; others as in README.md.`;

const VERBS: Readonly<Record<string, (argv: readonly string[]) => Promise<string[]>>> = {
  keygen,
  check,
  build,
  sign,
  renew,
  verify,
};

async function run([verb, ...argv]: readonly string[]): Promise<string[]> {
  if (verb === "--help" || verb === "-h" || argv.includes("--help")) return [HELP];
  const found = verb === undefined || !Object.hasOwn(VERBS, verb) ? undefined : VERBS[verb];
  if (found) return await found(argv);
  throw refusal(
    verb === undefined ? "Cannot release: no verb was given" : `Unknown verb "${verb}"`,
    `the verbs are ${Object.keys(VERBS).join(", ")}; see "deno run -A scripts/release.ts --help"`,
  );
}

if (import.meta.main) {
  try {
    // deno-lint-ignore no-console -- a script
    console.log((await run(Deno.args)).join("\n"));
  } catch (error) {
    Deno.exit(reportError(error));
  }
}
