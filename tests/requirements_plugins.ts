/** What plugins must do. `plugins §n` is a section of the issue "Plugins that a stranger wrote". @module */
import type { Requirement } from "./requirement.ts";

export const PLUGIN_REQUIREMENTS = {
  "plugin-proto-generated": {
    sentence:
      "Protobuf schemas in `proto/km/plugin/v1/`; the code that buf and protoc-gen-es make of them is committed and fresh.",
    source: "plugins §1",
  },
  "plugin-proto-checked": {
    sentence: "`deno task ok` runs `buf lint`, and `buf breaking` against the last released image.",
    source: "plugins §1",
  },
  "plugin-frames": {
    sentence:
      "Frames are `u32 total | u32 headerLen | header | raw payload`, at most 4 MiB; an unknown type is a protocol error.",
    source: "plugins §1",
  },
  "plugin-handshake": {
    sentence:
      "Hello/HelloAck, Authenticate, HandleMessage (batched), HandleError, Ping, Log, Emit, Configure and Shutdown work end to end.",
    source: "plugins §1",
  },
  "plugin-protocol-versions": {
    sentence: "Two protocol versions are negotiated; a mismatch is a clear message.",
    source: "plugins §1",
  },
  "plugin-sdk": {
    sentence:
      "`definePlugin({...})` is typed and documented; its examples run; it needs no `node:` import and no package.",
    source: "plugins §1",
  },
  "plugin-console-logger": {
    sentence: "`plugins/console-logger` colours messages on the console.",
    source: "plugins §1",
  },
  "plugin-api-logger": {
    sentence: "`plugins/api-logger` ships messages to an API of the user's.",
    source: "plugins §1",
  },
  "plugin-tool-guard": {
    sentence:
      "`plugins/tool-guard` finds a tool whose description changed since it was first seen, and emits a finding.",
    source: "plugins §1",
  },
  "plugin-sandbox-recipe": {
    sentence:
      "One subprocess per plugin: trusted bootstrap as main module, code as verified bytes in the first frame, flags, cleared environment and an unusable DENO_DIR.",
    source: "plugins §2",
  },
  "plugin-imports-refused": {
    sentence:
      "Static imports and `node:` imports are refused at install and at launch; imports are refused at run time.",
    source: "plugins §2",
  },
  "plugin-globals-deleted": {
    sentence: "Dangerous globals are gone before a plugin's code runs.",
    source: "plugins §2",
  },
  "plugin-private-networks": {
    sentence: "Private and loopback networks are denied even when hosts are granted.",
    source: "plugins §2",
  },
  "plugin-never-asked": {
    sentence: "Running programs and foreign functions can never be asked for.",
    source: "plugins §2",
  },
  "plugin-folders-only": {
    sentence: "Reading and writing go only below the named folders; links are refused.",
    source: "plugins §2",
  },
  "plugin-limits": {
    sentence:
      "Heap, resident memory, CPU, time per message, frame size and log volume are limited by the manifest, capped by the user's settings.",
    source: "plugins §2",
  },
  "plugin-restart-backoff": {
    sentence:
      "Over a limit a plugin is stopped and restarted after 1, 2, 4 … 60 s, and off after 5 times in 10 min; its state says why.",
    source: "plugins §2",
  },
  "plugin-queue": {
    sentence:
      "A bounded queue per plugin, flushed every 5 ms or 32 messages; when it is full the oldest are dropped and counted.",
    source: "plugins §2",
  },
  "plugin-hot-path": {
    sentence:
      "With three plugins on, one of them stuck, no event is missing from the store, and `bench:relay` is within 5 % of its figure without.",
    source: "plugins §2",
  },
  "plugin-data-scope": {
    sentence:
      "Servers, methods, directions and payload (none, redacted, full) are a permission: a plugin sees nothing else.",
    source: "plugins §2",
  },
  "plugin-refusals-shown": {
    sentence: "Every access that was tried and refused is recorded and shown.",
    source: "plugins §2",
  },
  "plugin-doctor": {
    sentence:
      "`km plugins doctor` runs at least 150 hostile attempts through the same launch path and fails when one gets through.",
    source: "plugins §2",
  },
  "plugin-doctor-leak": {
    sentence: "An assertion that a plain `deno run` does leak notices a change upstream.",
    source: "plugins §2",
  },
  "plugin-graceful": {
    sentence:
      "No plugin, a broken one, no runtime, an expired token: monitoring goes on, and `km plugins status` says what is off and why.",
    source: "plugins §2",
  },
  "plugin-crash-loss": {
    sentence: "A crash loses at most the batch in flight, counted.",
    source: "plugins §2",
  },
  "kmpkg-format": {
    sentence:
      "A `.kmpkg` holds fixed names only, is read whole in memory (at most 8 MiB), and nothing is written to a path from it.",
    source: "plugins §3",
  },
  "kmpkg-manifest": {
    sentence:
      "Its manifest has SHA-256 per file, permissions, data scope, limits, tier, publisher, customer, release sequence and expiry.",
    source: "plugins §3",
  },
  "kmpkg-signature": {
    sentence:
      "RSA-PSS-4096 and Ed25519 over the exact manifest bytes with a domain prefix; the algorithm comes from the pinned key.",
    source: "plugins §3",
  },
  "trust-pins": {
    sentence:
      "A publisher's key is pinned on first use with a fingerprint to compare; a change is refused loudly.",
    source: "plugins §3",
  },
  "trust-roots": {
    sentence: "Root keys that are compiled in can rotate and revoke keys.",
    source: "plugins §3",
  },
  "trust-rollback": {
    sentence: "Rollback and freeze are refused; `--allow-downgrade` says what it risks.",
    source: "plugins §3",
  },
  "plugins-lock": {
    sentence: "`plugins.lock` holds name, version, hashes, key and grants.",
    source: "plugins §3",
  },
  "consent": {
    sentence:
      "Default No; each permission in plain words with its risk; control and bidirectional characters escaped; without a terminal each is spelled by `--grant`.",
    source: "plugins §3",
  },
  "consent-update": {
    sentence: "An update that wants more stays on the old version until the difference is granted.",
    source: "plugins §3",
  },
  "plugins-commands": {
    sentence:
      "`km plugins list, status, info, install, remove, enable, disable, grant, revoke, refresh, logs, doctor`, `--json` on all.",
    source: "plugins §3",
  },
  "plugins-author-commands": {
    sentence: "`km plugins new, dev, test, build, sign, verify, keygen`, `--json` on all.",
    source: "plugins §3",
  },
  "plugins-registry": {
    sentence: "A registry is a signed index in a folder or at a URL; `refresh` follows it.",
    source: "plugins §3",
  },
  "tiers": {
    sentence: "Free < Pro < Enterprise: `requiredTier` against a signed token; no token means Free.",
    source: "plugins §3",
  },
  "tiers-recheck": {
    sentence:
      "Re-checked every 5 minutes with an offline grace period; a downgrade disables what it no longer covers, keeps its data and says so.",
    source: "plugins §3",
  },
  "tiers-sealed": {
    sentence: "Token and auth cache: AES-256-GCM, 0600, bound to plugin, version and key id.",
    source: "plugins §3",
  },
  "plugins-bench": {
    sentence:
      "`deno task bench:plugins` measures round trip, throughput, start and memory next to newline JSON over the same pipe.",
    source: "plugins §4",
  },
  "refuse-wrong-key": {
    sentence: "A package of the wrong key is refused with its own message.",
    source: "plugins §4",
  },
  "refuse-tampered": {
    sentence: "A tampered byte in each file is refused with its own message.",
    source: "plugins §4",
  },
  "refuse-duplicate": {
    sentence: "A duplicate entry is refused with its own message.",
    source: "plugins §4",
  },
  "refuse-extra": {
    sentence: "An extra file is refused with its own message.",
    source: "plugins §4",
  },
  "refuse-link": {
    sentence: "A link entry is refused with its own message.",
    source: "plugins §4",
  },
  "refuse-paths": {
    sentence: "Absolute and `..` names are refused with their own messages.",
    source: "plugins §4",
  },
  "refuse-bomb": {
    sentence: "A bomb is refused with its own message.",
    source: "plugins §4",
  },
  "refuse-sizes": {
    sentence: "Lied sizes are refused with their own message.",
    source: "plugins §4",
  },
  "refuse-expired": {
    sentence: "An expired package is refused with its own message.",
    source: "plugins §4",
  },
  "refuse-downgraded": {
    sentence: "A downgraded package is refused with its own message.",
    source: "plugins §4",
  },
  "refuse-other-customer": {
    sentence: "Another customer's package is refused with its own message.",
    source: "plugins §4",
  },
  "refuse-higher-tier": {
    sentence: "A package of a higher tier is refused with its own message.",
    source: "plugins §4",
  },
  "refuse-wider": {
    sentence: "Wider permissions are refused with their own message.",
    source: "plugins §4",
  },
  "refuse-newer-protocol": {
    sentence: "A newer protocol is refused with its own message.",
    source: "plugins §4",
  },
  "refuse-unsigned": {
    sentence: "An unsigned package is refused with its own message.",
    source: "plugins §4",
  },
  "abuse-half-frame": {
    sentence: "Half a frame harms nobody but its plugin.",
    source: "plugins §4",
  },
  "abuse-huge-length": {
    sentence: "A length of 4 GiB harms nobody but its plugin.",
    source: "plugins §4",
  },
  "abuse-flood": { sentence: "A flood harms nobody but its plugin.", source: "plugins §4" },
  "abuse-silence": {
    sentence: "Silence harms nobody but its plugin.",
    source: "plugins §4",
  },
  "abuse-unasked": {
    sentence: "Answers to questions that nobody asked harm nobody but their plugin.",
    source: "plugins §4",
  },
  "abuse-kill": {
    sentence: "kill -9 in mid-frame harms nobody but its plugin.",
    source: "plugins §4",
  },
  "abuse-restarts": {
    sentence: "1,000 restarts leak no descriptor and no process.",
    source: "plugins §4",
  },
  "plugins-automation": {
    sentence:
      "`scripts/automation/plugins.sh [--phase cleanup|build|test] [--quick]` does everything from a clean tree and writes a report; CI runs it.",
    source: "plugins §4",
  },
  "plugins-guide": {
    sentence:
      "`plugins/README.md` takes an author from nothing to an installed plugin; a test runs its commands.",
    source: "plugins §4",
  },
} as const satisfies Record<string, Requirement>;
