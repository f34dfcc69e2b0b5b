/** `km plugins doctor`: everything that we could think of that a plugin might try, through the launch that every plugin goes through. @module */
import { EXIT_CODES } from "../../core/error.ts";
import { command as defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "plugins doctor",
  summary: "Try to break out of the sandbox in every way that km knows, and fail when anything gets through",
  details:
    "A hostile plugin is started as every plugin is, and tries files, links, the network, programs, imports and more against secrets that are " +
    "put there for it; nothing of yours is touched. Without the sandbox a plain deno run reads files that it may not: that is tried too, for a " +
    "Deno of which that is no longer so is not the one that the sandbox was made for. Takes about a minute. Exits with " +
    `${EXIT_CODES.doctor_failed} when something got through or the plain run did not leak, with ${EXIT_CODES.plugin_failed} when there is no ` +
    "Deno to try.",
  flags: [
    { name: "verbose", short: "v", type: "boolean", help: "Each attempt, and what came of it" },
    { name: "json", type: "boolean", help: "One JSON object" },
  ],
  examples: [
    ["km plugins doctor", "does the sandbox hold on this machine?"],
    ["km plugins doctor --json | jq '.attempts[] | select(.verdict == \"escaped\")'", "what got through"],
  ],
  json: {
    deno: "{path, version} that was tried",
    walls: "{networkNamespace, dataLimit}: walls of the system beside those of Deno",
    blocked: "how many attempts got nothing",
    info: "how many got an answer that harms nobody",
    escaped: "how many got through; 0 when the sandbox holds",
    durationMs: "how long it took",
    attempts: "[{id, group, what, verdict, evidence}]; verdict: blocked, info or escaped",
    plain:
      "{leaks, said}: whether a plain deno run, without the sandbox, read a file that it may not, as it is to",
  },
  async run(flags) {
    const { runDoctor } = await import("./run_doctor.ts");
    return await runDoctor(flags);
  },
});
