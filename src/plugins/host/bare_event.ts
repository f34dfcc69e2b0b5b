/** What a plugin without payload is told of a message: what names no content. @module */
import type { LinkEvent } from "../../core/plugin_link.ts";

/** Methods whose subject is a name that the server chose, and no address of something of the user's. */
const NAMED_METHODS: readonly string[] = ["tools/call", "prompts/get"];
/** Schemes in whose addresses a host stands first; in others it may be the name of the thing itself (`note://my-diagnosis`). */
const HOST_SCHEMES: readonly string[] = ["http", "https", "ws", "wss", "ftp", "sftp", "ssh"];
/** A running number. Other ids are text that a client made up, and may say anything. */
const RUNNING_NUMBER = /^-?\d{1,16}$/;

/** `event` without what can only be known from a message's content: of a resource's address the scheme and host stay, of ids the numbers. */
export function bareEvent(event: LinkEvent): LinkEvent {
  const { tool, method, rpcId } = event;
  return {
    ...event,
    tool: tool === null || (method !== null && NAMED_METHODS.includes(method)) ? tool : bareSubject(tool),
    rpcId: rpcId !== null && RUNNING_NUMBER.test(rpcId) ? rpcId : null,
  };
}

/** What may be told of a subject that may be an address; null: nothing. */
function bareSubject(subject: string): string | null {
  const [, scheme, authority] = /^([a-z][a-z0-9+.-]{0,31}):(?:\/\/([^/?#\\]*))?/i.exec(subject) ?? [];
  if (scheme === undefined) return null;
  if (authority === undefined || !HOST_SCHEMES.includes(scheme.toLowerCase())) return `${scheme}:`;
  // A name and a password may stand before the host.
  return `${scheme}://${authority.slice(authority.lastIndexOf("@") + 1)}`;
}
