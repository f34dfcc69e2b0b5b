/** What a user wrote of a session's command line, which is stored without secrets: to be told what it was, and how it is started again. @module */
import type { Session } from "../core/session.ts";
import { shellWords } from "../core/shell_words.ts";
import type { Provider } from "./providers/provider.ts";

type Started = Pick<Session, "id" | "provider" | "command" | "fullAccess">;

/** What stood behind `--`, without what chose the conversation: km does that in a resume. */
export function userArguments(
  { id, command, fullAccess }: Started,
  provider: Provider,
): readonly string[] {
  const { resume } = provider;
  let args = command.slice(Math.max(1, provider.command.length));
  const drop = (known: readonly string[] | null | undefined): boolean => {
    const isThere = known !== null && known !== undefined && known.length > 0 &&
      known.every((word, at) => word.includes("{id}") ? args.length > at : args[at] === word);
    if (isThere) args = args.slice(known.length);
    return isThere;
  };
  // In the order of `launchOf()`.
  if (!drop(resume?.args)) drop(resume?.chooseId);
  if (args[0] === "--settings" && args[1]?.endsWith(`${id}.settings.json`)) args = args.slice(2);
  if (fullAccess) drop(provider.fullAccess?.args);
  const choosing = conversationFlags(provider);
  return args.filter((arg, at) =>
    !choosing.includes(nameOf(arg)) && !(UUID.test(arg) && choosing.includes(args[at - 1] ?? ""))
  );
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The argument that would choose another conversation, or none at all; undefined: there is none. */
export function choosingArgument(args: readonly string[], provider: Provider): string | undefined {
  const [first] = args;
  if (first !== undefined && provider.subcommands.includes(first)) return first;
  const choosing = conversationFlags(provider);
  return args.find((arg) => choosing.includes(nameOf(arg)));
}

function conversationFlags({ resume }: Provider): string[] {
  const known = [...resume?.args ?? [], ...resume?.chooseId ?? [], ...resume?.last ?? []];
  return known.filter((word) => word.startsWith("-"));
}

/** `--flag` of `--flag=value`. */
function nameOf(arg: string): string {
  return arg.replace(/=.*$/s, "");
}

/** `km run claude -- --model opus`: what starts the like of it. `shell`: the user's own. */
export function startAgain(
  session: Started,
  { provider, shell }: { readonly provider: Provider | undefined; readonly shell: string },
): string {
  const { command } = session;
  if (session.provider === "shell") {
    return command.length === 1 && command[0] === shell ? "km run shell" : `km run -- ${shellWords(command)}`;
  }
  const args = provider === undefined ? [] : userArguments(session, provider);
  return `km run ${session.provider}${args.length === 0 ? "" : ` -- ${shellWords(args)}`}`;
}
