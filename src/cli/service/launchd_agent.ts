/** An agent of launchd, as a property list. @see launchd.plist(5) @module */
import type { ServiceDefinition, ServiceFile } from "./definition.ts";
import { escapeXml } from "./xml.ts";

const LABEL = "dev.km.serve";

/** `userHome` is the user's home directory, `uid` the user's number. */
export function launchdService(definition: ServiceDefinition, userHome: string, uid: number): ServiceFile {
  const path = `${userHome}/Library/LaunchAgents/${LABEL}.plist`;
  return {
    path,
    text: launchdAgent(definition),
    enable: [["launchctl", "bootstrap", `gui/${uid}`, path]],
    disable: [["launchctl", "bootout", `gui/${uid}/${LABEL}`]],
    status: ["launchctl", "print", `gui/${uid}/${LABEL}`],
  };
}

/** The property list's text. */
export function launchdAgent({ command, environment, logPath }: ServiceDefinition): string {
  const variables = Object.entries(environment).map(([name, value]) =>
    `    <key>${escapeXml(name)}</key>\n    <string>${escapeXml(value)}</string>\n`
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${command.map((word) => `    <string>${escapeXml(word)}</string>\n`).join("")}  </array>
  <key>EnvironmentVariables</key>
  <dict>
${variables.join("")}  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ExitTimeOut</key>
  <integer>8</integer>
  <key>ProcessType</key>
  <string>Background</string>
  <key>StandardErrorPath</key>
  <string>${escapeXml(logPath)}</string>
</dict>
</plist>
`;
}
