/**
 * Permissions in words for people who know nothing of security: what it may do, and what could go wrong. Everything that a package said is
 * made printable here. Worst first.
 * @module
 */
import { printable, printableStart } from "../../core/printable.ts";
import type { PermissionLine } from "../grants.ts";
import type { Permissions } from "../manifest.ts";
import { itemsOf, PERMISSION_KINDS, type PermissionItem, tokenOf } from "./tokens.ts";

type Severity = PermissionLine["severity"];
type Words = Omit<PermissionLine, "token">;

const SEVERITIES: readonly Severity[] = ["high", "medium", "low"];
/** Longest value of a permission in a sentence, in characters; the token has all of it. */
const MAX_SHOWN = 200;
/** What is told of each message without any of its content. `bareEvent` of the host keeps to it. */
const ALWAYS_SEEN = "when, how large, which server, AI tool, method and tool or prompt";
const BARE_RESOURCE = "of a resource only its scheme and, on the web, its host";
/** A name that says that a secret is in it. */
const SECRET_NAME = /KEY|TOKEN|SECRET|PASS|PWD|CREDENTIAL|AUTH|SESSION|COOKIE|PRIVATE/i;
/** What is asked without encryption by whoever speaks the usual protocol there. */
const PLAIN_PORTS: readonly string[] = ["21", "23", "25", "80", "110", "143", "389", "1883", "8080"];

/**
 * Each permission of `wanted` as a line, worst first. Some are worse beside others: `within` is all that the plugin may do with them.
 */
export function describePermissions(
  wanted: Permissions,
  within: Permissions = wanted,
): readonly PermissionLine[] {
  return itemsOf(wanted)
    .map((item) => ({ item, line: { token: printable(tokenOf(item)), ...wordsOf(item, within) } }))
    .toSorted((a, b) =>
      SEVERITIES.indexOf(a.line.severity) - SEVERITIES.indexOf(b.line.severity) ||
      PERMISSION_KINDS.indexOf(a.item.kind) - PERMISSION_KINDS.indexOf(b.item.kind)
    )
    .map(({ line }) => line);
}

function wordsOf({ kind, value }: PermissionItem, within: Permissions): Words {
  const shown = printableStart(value, MAX_SHOWN);
  switch (kind) {
    case "net":
      return netWords(shown, within);
    case "read":
      return {
        text: `Read every file in the folder ${shown} and in the folders below it`,
        risk: within.net.length > 0
          ? `It can send what it reads there to ${namesOf(within.net)}`
          : "What it reads there it can put into its log and its findings",
        severity: within.net.length > 0 ? "high" : "medium",
      };
    case "write":
      return {
        text: `Create, change and delete files in the folder ${shown} and in the folders below it`,
        risk: "It can destroy what lies there, fill the disk, or leave files that other programs open",
        severity: "high",
      };
    case "env":
      return envWords(shown, within);
    case "servers":
    case "methods":
    case "directions":
      return scopeWords({ kind, value }, shown, within);
    case "payload":
      return payloadWords(value, within);
  }
}

function netWords(target: string, { data }: Permissions): Words {
  const [, host = target, port = "443"] = /^(.*):(\d+)$/.exec(target) ?? [];
  const seen = {
    full: "every message it sees, with the passwords and keys in it,",
    redacted: "every message it sees",
    none: `what it knows of your messages (${ALWAYS_SEEN}; ${BARE_RESOURCE})`,
  }[data.payload];
  const plain = PLAIN_PORTS.includes(port)
    ? "; on this port connections are often not encrypted, and then others on the way can read along"
    : "";
  return {
    text: `Connect to ${host} on the internet (port ${port}), to send and to receive`,
    risk: `It can send ${seen} to whoever runs ${host}, and nobody can take that back${plain}`,
    severity: data.payload === "none" && plain === "" ? "medium" : "high",
  };
}

function envWords(name: string, { net }: Permissions): Words {
  const isSecret = SECRET_NAME.test(name);
  const to = net.length > 0 ? ` and send it to ${namesOf(net)}` : "";
  return {
    text: `Read the environment variable ${name}`,
    risk: isSecret
      ? `Its name says that a password or key is in it: the plugin can use it${to}`
      : `Whatever value it has on your machine, the plugin can read it${to}`,
    severity: isSecret ? "high" : "medium",
  };
}

function payloadWords(payload: string, { net }: Permissions): Words {
  const out = net.length > 0 ? ` It may also connect to ${namesOf(net)}` : "";
  if (payload === "full") {
    return {
      text: "See whole messages, exactly as they pass between your AI tool and its servers",
      risk:
        "Passwords, keys and private texts in them are not blacked out for it. km takes out of its log and its findings what it recognises of them; " +
        `what the plugin keeps for itself (a file of yours alone, in plugins/state/) stays as it writes it.${out}`,
      severity: "high",
    };
  }
  return {
    text: "See what is in messages, with what km recognises as passwords and keys blacked out",
    risk: `Private texts stay readable, and so does a secret that km does not recognise.${out}`,
    severity: "medium",
  };
}

function scopeWords({ kind, value }: PermissionItem, shown: string, { data }: Permissions): Words {
  if (kind === "directions") {
    return {
      text: value === "client_to_server"
        ? "Be told of messages that your AI tool sends to a server: what it asks for"
        : "Be told of messages that a server sends to your AI tool: its answers",
      risk: `Always visible to it: ${ALWAYS_SEEN}; ${
        data.payload === "none" ? BARE_RESOURCE : "the whole address of a resource"
      }`,
      severity: "low",
    };
  }
  if (kind === "methods") {
    return {
      text: value === "*" ? "Be told of messages of every kind" : `Be told of messages of the kind ${shown}`,
      risk: value === "*"
        ? "Kinds that come with later versions of the protocol are included"
        : "Only these kinds, as they are named",
      severity: "low",
    };
  }
  const isPattern = value.includes("*");
  return {
    text: value === "*"
      ? "Be told of messages of every server that your AI tools use"
      : `Be told of messages of ${isPattern ? "each server whose name fits" : "the server"} ${shown}`,
    risk: isPattern
      ? "Servers that you add later are included"
      : "It learns when and how you use this server",
    severity: value === "*" ? "medium" : "low",
  };
}

function namesOf(targets: readonly string[]): string {
  const names = targets.map((target) => printableStart(target.replace(/:\d+$/, ""), MAX_SHOWN));
  return names.length <= 2 ? names.join(" and ") : `${names[0]} and ${names.length - 1} more`;
}
