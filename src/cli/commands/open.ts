/** `km open`: the dashboard in a browser, by a link that works once. @module */
import { command as defineCommand } from "../command.ts";
import { requireDaemon } from "../running_daemon.ts";
import { openBrowser, requestLink } from "../sign_in_link.ts";
import { write, writeError } from "../terminal.ts";

export const command = defineCommand({
  name: "open",
  summary: "Open the dashboard in a browser, signed in",
  details:
    "Asks the running km serve for a link that works once, within five minutes, and gives it to the browser. " +
    "Where there is no browser, the link is printed: open it on the machine that km serve runs on.",
  flags: [{ name: "print", type: "boolean", help: "Print the link and open nothing" }],
  examples: [
    ["km open", "the dashboard of the km serve that runs"],
    ["km open --print", "the link alone, to paste"],
  ],
  async run({ print }) {
    const daemon = requireDaemon();
    const link = await requestLink(daemon);
    if (print || !await openBrowser(link)) write(`${link}\n`);
    else writeError(`opened ${daemon.urls[0]} in the browser\n`);
    return 0;
  },
});
