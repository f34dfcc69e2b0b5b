/** A user unit of systemd. @see systemd.service(5), systemd.unit(5) and systemd.syntax(7) @module */
import type { ServiceDefinition, ServiceFile } from "./definition.ts";

const UNIT = "km.service";

/** `configHome` is `$XDG_CONFIG_HOME` or `~/.config`. */
export function systemdService(definition: ServiceDefinition, configHome: string): ServiceFile {
  return {
    path: `${configHome}/systemd/user/${UNIT}`,
    text: systemdUnit(definition),
    enable: [["systemctl", "--user", "daemon-reload"], ["systemctl", "--user", "enable", "--now", UNIT]],
    disable: [["systemctl", "--user", "disable", "--now", UNIT]],
    status: ["systemctl", "--user", "--no-pager", "status", UNIT],
  };
}

/** The unit's text. Its log is the journal's: `journalctl --user -u km`. */
export function systemdUnit({ command, environment }: ServiceDefinition): string {
  const [program, ...args] = runnable(command);
  // In the program's path, systemd expands "%" but not "$"; in arguments both; in Environment= only "%".
  const words = [quoted(program), ...args.map((arg) => quoted(arg).replaceAll("$", "$$$$"))];
  const variables = Object.entries(environment).map(([name, value]) =>
    `Environment=${quoted(`${name}=${value}`)}\n`
  );
  return `[Unit]
Description=km: record and dashboard of MCP traffic

[Service]
ExecStart=${words.join(" ")}
${variables.join("")}Restart=on-failure
RestartSec=2
TimeoutStopSec=8
UMask=0077
NoNewPrivileges=true

[Install]
WantedBy=default.target
`;
}

/** systemd refuses programs whose path holds quotes, backslashes or line ends; sh does not. */
function runnable(command: ServiceDefinition["command"]): ServiceDefinition["command"] {
  return /["'\\\p{Cc}]/u.test(command[0]) ? ["/bin/sh", "-c", 'exec "$@"', "sh", ...command] : command;
}

/** One word in double quotes, with C's escapes. */
function quoted(word: string): string {
  const escaped = word.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%").replaceAll("\n", "\\n").replaceAll(
    "\t",
    "\\t",
  );
  return `"${escaped}"`;
}
