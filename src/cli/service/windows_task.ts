/** A task of the Windows Task Scheduler that starts at logon. @see learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema @module */
import type { ServiceDefinition, ServiceFile } from "./definition.ts";
import { escapeXml } from "./xml.ts";

const TASK = "km serve";

/** `home` is where the definition is kept: the scheduler has a copy of its own. */
export function windowsService(definition: ServiceDefinition, home: string): ServiceFile {
  const path = `${home}\\km-task.xml`;
  return {
    path,
    text: windowsTask(definition),
    enable: [["schtasks", "/Create", "/F", "/TN", TASK, "/XML", path], ["schtasks", "/Run", "/TN", TASK]],
    disable: [["schtasks", "/End", "/TN", TASK], ["schtasks", "/Delete", "/F", "/TN", TASK]],
    status: ["schtasks", "/Query", "/V", "/FO", "LIST", "/TN", TASK],
  };
}

/** The task's text; `schtasks` wants it as UTF-16. */
export function windowsTask({ command, environment }: ServiceDefinition): string {
  const { file, args } = action(command, environment);
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>km: record and dashboard of MCP traffic</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Hidden>true</Hidden>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>3</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${escapeXml(file)}</Command>
      <Arguments>${escapeXml(args)}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

/** A task has no environment of its own: where one is needed, cmd.exe sets it. */
function action(
  command: ServiceDefinition["command"],
  environment: Readonly<Record<string, string>>,
): { readonly file: string; readonly args: string } {
  const [program, ...args] = command;
  const words = args.map(quoteArgument).join(" ");
  const sets = Object.entries(environment).map(([name, value]) => `set "${name}=${value}"&& `);
  if (sets.length === 0) return { file: program, args: words };
  return { file: "cmd.exe", args: `/d /s /c "${sets.join("")}${quoteArgument(program)} ${words}"` };
}

/** As CommandLineToArgvW reads it: backslashes count only before a quote. */
export function quoteArgument(word: string): string {
  if (/^[^\s"]+$/.test(word)) return word;
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
}
