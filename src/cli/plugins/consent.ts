/** What a user reads before a plugin may do something: who made it, what it may do, worst first, and what could go wrong. @module */
import { painter, type Style } from "../../core/paint.ts";
import type { Tier } from "../../core/plugin.ts";
import { printable, printableStart } from "../../core/printable.ts";
import type { PermissionLine } from "../../plugins/grants.ts";
import type { PublisherStanding } from "../../plugins/trust/publishers.ts";
import { wrap } from "../help.ts";
import type { Terminal } from "../terminal.ts";
import { fingerprint } from "../../plugins/package/signature.ts";

/** How the key that signed it stands to the one that is believed for its publisher. */
export type KeyStanding = PublisherStanding["standing"];

/** Texts of the package as they are: made printable here. */
export interface ConsentView {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly publisher: string;
  readonly key: {
    readonly id: string;
    readonly algorithm: string;
    readonly standing: KeyStanding;
    /** The key that was believed until now, where it changed. */
    readonly before: string | null;
  };
  readonly tier: Tier;
  readonly customerId: string | null;
  readonly source: string;
  /** Everything that it asks for, worst first. */
  readonly wanted: readonly PermissionLine[];
  /** What is new since the version that is installed, or what a partial grant leaves to ask; null: all of `wanted` is. */
  readonly update: {
    readonly version: string;
    readonly added: readonly PermissionLine[];
    readonly removed: readonly PermissionLine[];
  } | null;
  /** What else could go wrong: a step back, a key that changed. */
  readonly warnings: readonly string[];
}

/** Description of a stranger: two or three lines of it. */
const MAX_DESCRIPTION_CHARS = 240;
const MAX_COLUMNS = 100;
const SEVERITIES: Readonly<Record<PermissionLine["severity"], readonly [string, Style]>> = {
  high: ["HIGH  ", "red"],
  medium: ["medium", "yellow"],
  low: ["low   ", "dim"],
};

/** All of it, before the question. */
export function consentLines(view: ConsentView, terminal: Terminal): string[] {
  const paint = painter(terminal.color);
  const columns = Math.min(terminal.columns, MAX_COLUMNS);
  return [
    ...whoLines(view, terminal),
    ...permissionSection(view, columns, terminal),
    ...view.warnings.flatMap((warning) => [
      "",
      ...indented(printable(warning), columns, "! ", "  ").map((line) => paint("red", line)),
    ]),
  ];
}

/** Who made it and by what that is known. */
export function whoLines(view: ConsentView, terminal: Terminal): string[] {
  const paint = painter(terminal.color);
  const columns = Math.min(terminal.columns, MAX_COLUMNS);
  const { key, customerId } = view;
  const standing = keyWords(view);
  return [
    paint("bold", `${printable(view.name)} ${printable(view.version)}`),
    ...indented(`"${printableStart(view.description, MAX_DESCRIPTION_CHARS)}"`, columns, "  ", "  "),
    "",
    `publisher  ${printable(view.publisher)} (its own words; the key is what counts)`,
    `key        ${key.algorithm}, SHA-256 of it:`,
    ...wrap(fingerprint(key), Math.max(20, columns - 11)).map((line) => `           ${line}`),
    ...indented(standing.text, columns, "           ").map((line) => paint(standing.style, line)),
    `tier       ${view.tier}`,
    ...(customerId === null ? [] : [`customer   runs for ${printable(customerId)} alone`]),
    `from       ${printable(view.source)}`,
  ];
}

/** Permissions as lines: how bad, what, what could go wrong, and how `--grant` spells it. */
export function permissionLines(
  lines: readonly PermissionLine[],
  columns: number,
  terminal: Terminal,
): string[] {
  const paint = painter(terminal.color);
  return lines.flatMap(({ severity, text, risk, token }) => {
    const [word, style] = SEVERITIES[severity];
    const [first = "", ...more] = indented(printable(text), columns, "          ");
    return [
      `  ${paint(style, word)}  ${first.trimStart()}`,
      ...more,
      ...indented(printable(risk), columns, "          → ", "            ").map((line) => paint("dim", line)),
      `          ${paint("cyan", printable(token))}`,
    ];
  });
}

function permissionSection(view: ConsentView, columns: number, terminal: Terminal): string[] {
  const paint = painter(terminal.color);
  const { update, wanted } = view;
  const nothingElse = "Nothing else: no other file, no other connection, no program, no other message.";
  if (update === null) {
    return wanted.length === 0
      ? ["", "It asks for nothing: it can open no file and no connection, and sees no message."]
      : [
        "",
        paint("bold", "It would be allowed to:"),
        ...permissionLines(wanted, columns, terminal),
        nothingElse,
      ];
  }
  const { added, removed } = update;
  return [
    "",
    ...(added.length === 0 ? [`It asks for no more than you granted to ${printable(update.version)}.`] : [
      paint("bold", `Beyond what you granted to ${printable(update.version)}, it would be allowed to:`),
      ...permissionLines(added, columns, terminal),
    ]),
    ...(removed.length === 0
      ? []
      : ["", `No longer asked for: ${removed.map(({ token }) => printable(token)).join(" ")}`]),
  ];
}

function keyWords({ key, publisher }: ConsentView): { readonly text: string; readonly style: Style } {
  switch (key.standing) {
    case "same":
      return { text: "the one that is believed for this publisher", style: "green" };
    case "registry":
      return { text: "vouched for by the registry", style: "green" };
    case "roots":
      return { text: "vouched for by km's own root keys", style: "green" };
    case "first-use":
      return {
        text:
          `seen here for the first time: compare it with what ${
            printable(publisher)
          } shows in another place. ` +
          "km remembers it, and refuses another one later",
        style: "yellow",
      };
    case "accepted":
      return {
        text: key.before === null
          ? "the one that you named with --accept-new-key"
          : `NOT the key that ${printable(publisher)} had until now (${
            fingerprint({ id: key.before })
          }); you named it with --accept-new-key`,
        style: "red",
      };
  }
}

function indented(text: string, columns: number, first: string, later: string = first): string[] {
  const room = Math.max(20, columns - Math.max(first.length, later.length));
  return wrap(text, room).map((line, index) => (index === 0 ? first : later) + line);
}
