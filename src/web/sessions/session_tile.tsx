/** A session in the grid: what it does, and what its terminal shows. @module */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { printable } from "../../core/printable.ts";
import { plural } from "../../core/quantity.ts";
import { sessionHref } from "../shell/links.ts";
import { Name } from "../ui/name.tsx";
import { Ago } from "../ui/time.tsx";
import { type Candidate, PreviewPool } from "./preview_pool.ts";
import { PreviewTerminal } from "./preview_terminal.ts";
import type { SessionBody } from "./session_states.ts";
import { FullAccessTag, StateBadge } from "./state_badge.tsx";

const pool = new PreviewPool();

export function SessionTile({ session }: { readonly session: SessionBody }): JSX.Element {
  const { place, host, isDrawn } = usePreview(session);
  // Its own look at it does not count.
  const others = Math.max(0, session.viewers - (isDrawn ? 1 : 0));
  return (
    <li class={`tile${session.fullAccess ? " is-full" : ""}${session.seen ? "" : " is-new"}`}>
      <a class="tile-link" href={sessionHref(session.number)}>
        <span class="tile-head">
          <strong class="tile-name">
            <Name text={session.name} />
          </strong>
          <StateBadge session={session} />
        </span>
        <span class="tile-reason" title={printable(session.stateReason)}>
          {printable(session.stateReason)}
          {session.title !== "" && <span class="sub">· {printable(session.title)}</span>}
        </span>
      </a>
      <div class="tile-screen" ref={place} aria-hidden="true" inert>
        <div class="tile-host" ref={host} />
      </div>
      <p class="tile-foot">
        {session.fullAccess && <FullAccessTag />}
        <span>{printable(session.provider)}</span>
        <span class="tile-cwd" title={printable(session.cwd)}>{printable(shortPath(session.cwd))}</span>
        {session.queuedCommands > 0 && <span>{session.queuedCommands} queued</span>}
        {others > 0 && <span>{plural(others, "viewer")}</span>}
        <span class="tile-age">
          <Ago iso={session.createdAt} />
        </span>
      </p>
    </li>
  );
}

/** Draws its terminal while it is in sight. */
function usePreview(session: SessionBody) {
  const place = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const [isDrawn, setDrawn] = useState(false);
  const latest = useRef(session);
  latest.current = session;
  useEffect(() => {
    if (!place.current || !host.current) return;
    const element = host.current;
    let preview: PreviewTerminal | null = null;
    const candidate: Candidate = {
      begin() {
        preview = new PreviewTerminal(element, latest.current);
        setDrawn(true);
      },
      end() {
        preview?.[Symbol.dispose]();
        preview = null;
        setDrawn(false);
      },
    };
    const observer = new IntersectionObserver((entries) => {
      if (entries.at(-1)?.isIntersecting) pool.enter(candidate);
      else pool.leave(candidate);
    }, { rootMargin: "80px" });
    observer.observe(place.current);
    return () => {
      observer.disconnect();
      pool.leave(candidate);
    };
  }, [session.id]);
  return { place, host, isDrawn };
}

/** The last two parts of a path: `…/project/src`. */
export function shortPath(path: string): string {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.length <= 2 ? path : `…/${parts.slice(-2).join("/")}`;
}
