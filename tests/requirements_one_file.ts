/** What building, installing and updating km must do. `one file §n` is a section of the issue "One file". @module */
import type { Requirement } from "./requirement.ts";

export const ONE_FILE_REQUIREMENTS = {
  // Build
  "build-compile-task": {
    sentence:
      "`deno task compile [--target …|--all] [--out dist]` makes `dist/km-<version>-<target>[.exe]` for six targets, with version and commit inside.",
    source: "one file §1",
  },
  "build-permissions": {
    sentence: "A built km has named permissions, each with its reason, and not --allow-all.",
    source: "one file §1",
  },
  "build-denort-fallback": {
    sentence: "Without denort (`DENORT_BIN`, Deno's server) one line says so and the portable file is built.",
    source: "one file §1",
  },
  "build-denort-compiled": {
    sentence:
      "With `DENORT_BIN` the build is one of `deno compile`, with bundle, workers and assets embedded.",
    source: "one file §1",
  },
  "build-deno-pinned": {
    sentence: "The packed Deno is the pinned one from npm, verified by its integrity hash.",
    source: "one file §1",
  },
  "portable-cache": {
    sentence:
      "The first start unpacks to a per-user cache keyed by content, atomically, 0700, safe when several start at once; a cache of somebody else's is refused.",
    source: "one file §1",
  },
  "portable-broken-cache": {
    sentence: "A cache that was deleted or is half written is made anew.",
    source: "one file §1",
  },
  "portable-anywhere": {
    sentence:
      "The file works from any working directory, through links, with spaces and non-ASCII in its path.",
    source: "one file §1",
  },
  "portable-untouched": {
    sentence:
      "Signals, exit codes, stdio, arguments and the environment reach km and its server as without the header.",
    source: "one file §1",
  },
  "portable-start-up": {
    sentence: "A later start takes at most 15 ms more than `deno run` of the same bundle; measured.",
    source: "one file §1",
  },
  "portable-monitor-suite": {
    sentence: "All end-to-end tests of `km monitor` run against the portable file too.",
    source: "one file §1",
  },
  "runtime-order": {
    sentence:
      "The Deno for plugins is found in this order: KM_DENO, km's own, the verified copy in KM_HOME/runtime, an embedded one, one on PATH in the tested range; else a clear status.",
    source: "one file §1",
  },
  "runtime-download": {
    sentence: "It can be downloaded on demand: npm registry's tarball, pinned hash, atomic.",
    source: "one file §1",
  },
  "build-graph-complete": {
    sentence: "The bundle holds every module, worker and asset that `deno info` finds, and no native addon.",
    source: "one file §1",
  },
  "build-reproducible": {
    sentence: "Two builds of one commit give the same bytes; sizes and start-up times are in BENCHMARKS.md.",
    source: "one file §1",
  },
  // Install
  "install-one-line": {
    sentence:
      "`curl … | sh` in an empty HOME, as root and as an ordinary user, gives a km on PATH that runs `km demo`.",
    source: "one file §2",
  },
  "install-shells": {
    sentence: "install.sh runs in dash, bash, busybox ash and zsh, with curl or wget.",
    source: "one file §2",
  },
  "install-platform": {
    sentence: "It names OS and architecture; musl, Rosetta and unknown systems get a clear message.",
    source: "one file §2",
  },
  "install-verifies": {
    sentence:
      "It verifies signature, expiry and SHA-256; wrong ones end with a clear error, nothing half installed.",
    source: "one file §2",
  },
  "install-faults": {
    sentence:
      "404, cut connection, full disk, read-only target: a clear error each, and what was installed before still works.",
    source: "one file §2",
  },
  "install-profile": {
    sentence:
      "PATH is added once to the right profile, completions are installed, and it says how to undo it.",
    source: "one file §2",
  },
  "install-options": {
    sentence: "KM_BASE_URL, KM_VERSION, KM_INSTALL, --dry-run and --uninstall do what they say.",
    source: "one file §2",
  },
  "install-truncated": {
    sentence: "A truncated download of the script does nothing.",
    source: "one file §2",
  },
  "install-older": {
    sentence:
      "An older km in place is replaced and kept as the previous version; a newer one is not replaced unasked.",
    source: "one file §2",
  },
  "install-powershell": {
    sentence: "install.ps1 does the same on Windows.",
    source: "one file §2",
  },
  // Update and release
  "update-signed": {
    sentence:
      "`km update` believes only manifests signed by a compiled-in key (two, for rotation), not expired, of its channel.",
    source: "one file §3",
  },
  "update-refuses-older": {
    sentence: "It refuses older versions.",
    source: "one file §3",
  },
  "update-swap": {
    sentence: "It replaces the file atomically, safe while km processes run, and keeps one previous version.",
    source: "one file §3",
  },
  "update-windows-swap": {
    sentence: "On Windows a running file is moved aside first, and moved back when the swap fails.",
    source: "one file §3",
  },
  "update-proves-new": {
    sentence:
      "The new file is run before the switch and after it; when it does not run, the old one stays or comes back.",
    source: "one file §3",
  },
  "update-flags": {
    sentence: "`--check`, `--channel stable|beta` and `--rollback` work.",
    source: "one file §3",
  },
  "update-daily-check": {
    sentence:
      "Long commands look once a day and say one quiet line; never with KM_NO_UPDATE_CHECK, never in km monitor.",
    source: "one file §3",
  },
  "release-files": {
    sentence:
      "`scripts/release.ts` makes SHA256SUMS, signatures, manifests and a CycloneDX SBOM of deno.lock.",
    source: "one file §3",
  },
  "release-keys": {
    sentence: "`scripts/release.ts keygen` makes the keys; the private ones never lie in the repository.",
    source: "one file §3",
  },
  "release-packagers": {
    sentence: "Homebrew formula and Scoop manifest come from the same data.",
    source: "one file §3",
  },
  "release-workflows": {
    sentence:
      "ci.yml runs the README's commands on three systems, release.yml goes from tag to smoke test; both are linted.",
    source: "one file §3",
  },
  "doctor-installation": {
    sentence:
      "`km doctor` says which file runs and its kind, the Deno for plugins, shadowed copies on PATH and a pending update.",
    source: "one file §3",
  },
  "doctor-fix": {
    sentence: "`km doctor --fix` mends what can be mended safely, and says what it did.",
    source: "one file §3",
  },
  "readme-first-screen": {
    sentence:
      "README begins with what km is, the one-liner, three commands and a real screenshot made by a script.",
    source: "one file §3",
  },
} as const satisfies Record<string, Requirement>;
