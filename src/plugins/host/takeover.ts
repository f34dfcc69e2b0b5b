/** Whether a host ends for a monitor of another km. @module */
import { LINK_VERSION } from "../../core/plugin_link.ts";
import { compareVersions } from "../../core/version.ts";

/** The km that a host is of. */
export interface OwnKm {
  readonly kmVersion: string;
  /** True once the program that it runs of is another on disk, or gone: after an update. */
  readonly isReplaced: () => boolean;
}

/**
 * Who speaks the same protocol is served, whichever km is the newer: would each newer one take over, two installations of km would end each
 * other's hosts in turn. After an update in place there is but one, and its next host is the new one.
 */
export function endsFor(
  hello: { readonly link: number; readonly kmVersion: string },
  { kmVersion, isReplaced }: OwnKm,
): boolean {
  return hello.link > LINK_VERSION || (isNewer(hello.kmVersion, kmVersion) && isReplaced());
}

function isNewer(theirs: string, ours: string): boolean {
  try {
    return compareVersions(theirs, ours) > 0;
  } catch {
    return false;
  }
}
