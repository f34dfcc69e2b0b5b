/** Live: the stream in a table, filters, keys, and the inspector beside it. @module */
import "./live.css";
import type { JSX } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Inspector } from "../inspect/inspector.tsx";
import { answer, api, asFailure, useQuery } from "../shell/api.ts";
import { navigate, usePlace } from "../shell/router.ts";
import { Empty, MONITOR_COMMAND } from "../ui/empty.tsx";
import { ErrorNote } from "../ui/error_note.tsx";
import { openFeed } from "./browser_feed.ts";
import { FilterBar } from "./filter_bar.tsx";
import { KeysHelp } from "./keys_help.tsx";
import { LiveBar } from "./live_bar.tsx";
import type { LiveFeed } from "./live_feed.ts";
import { addressQuery, filtersOf, isNarrowed, type LiveFilters } from "./live_filters.ts";
import type { LiveAction } from "./live_keys.ts";
import { LiveTable, type TableControls } from "./live_table.tsx";
import { useLiveKeys } from "./use_live_keys.ts";

const COMMON_METHODS = [
  "initialize",
  "tools/list",
  "tools/call",
  "resources/list",
  "resources/read",
  "prompts/list",
  "prompts/get",
  "notifications/progress",
  "notifications/cancelled",
  "notifications/message",
  "ping",
];

export function LivePage(): JSX.Element {
  const { params } = usePlace();
  const filters = filtersOf(params);
  const openId = params.get("open");
  const [feed, turn] = useFeed(filters);
  const [active, setActive] = useState<number | null>(null);
  const [following, setFollowing] = useState(true);
  const [leftAt, setLeftAt] = useState(0);
  const [helping, setHelping] = useState(false);
  const controls = useRef<TableControls | null>(null);
  const searchField = useRef<HTMLInputElement | null>(null);
  const known = useKnownNames();

  useEffect(() => {
    setActive(null);
    setFollowing(true);
  }, [feed]);

  const follow = useCallback((value: boolean) => {
    setFollowing((before) => {
      if (before && !value) setLeftAt(feed?.rows.endNumber ?? 0);
      return value;
    });
  }, [feed]);
  const open = (id: string | null) => {
    const query = new URLSearchParams(addressQuery(filters));
    if (id !== null) query.set("open", id);
    // One step back closes it, however many messages were looked at.
    navigate(`/live${query.size === 0 ? "" : `?${query}`}`, { replace: openId !== null });
  };
  const activate = (number: number) => {
    if (!feed || feed.rows.length === 0) return;
    const last = feed.rows.endNumber - 1;
    const target = Math.max(feed.rows.firstNumber, Math.min(last, number));
    setActive(target);
    follow(following && target === last);
    controls.current?.show(target);
    const row = feed.rows.at(target);
    if (openId !== null && row) open(row.id);
  };
  const pick = (number: number) => {
    const row = feed?.rows.at(number);
    if (!row) return;
    setActive(number);
    follow(false);
    controls.current?.focus();
    open(row.id);
  };
  // Rows keep the first callback they got.
  const latestPick = useRef(pick);
  latestPick.current = pick;
  const onPick = useCallback((number: number) => latestPick.current(number), []);

  const toEnd = () => {
    if (!feed) return;
    follow(true);
    setActive(feed.rows.length > 0 ? feed.rows.endNumber - 1 : null);
    controls.current?.focus();
  };

  useLiveKeys((action) => {
    if (!feed) return false;
    switch (action) {
      case "search":
        searchField.current?.focus();
        searchField.current?.select();
        return true;
      case "pause":
        feed.setPaused(!feed.paused);
        return true;
      case "help":
        setHelping(true);
        return true;
      case "last":
        toEnd();
        return true;
      case "open": {
        const row = active === null ? undefined : feed.rows.at(active);
        if (row) open(row.id);
        return row !== undefined;
      }
      case "close":
        return close();
      default:
        controls.current?.focus();
        activate(moved(action));
        return true;
    }
  });

  function moved(action: LiveAction): number {
    const at = active ?? (controls.current?.lastInSight() ?? 0) + 1;
    const page = controls.current?.pageRows ?? 1;
    switch (action) {
      case "next":
        return active === null ? at - 1 : at + 1;
      case "previous":
        return at - 1;
      case "page_down":
        return at + page;
      case "page_up":
        return at - page;
      default:
        return feed?.rows.firstNumber ?? 0;
    }
  }

  function close(): boolean {
    if (document.activeElement instanceof HTMLInputElement) {
      controls.current?.focus();
      return true;
    }
    if (openId === null) return false;
    open(null);
    controls.current?.focus();
    return true;
  }

  const onFilters = (changed: LiveFilters) => navigate(`/live${addressQuery(changed)}`, { replace: true });
  if (!feed) return <h1 class="sr-only">Live</h1>;
  // Beside the newest rows it would only hide them.
  const nearEnd = active !== null && feed.rows.endNumber - active < 20;
  const fresh = following ? 0 : feed.rows.endNumber - leftAt;
  return (
    <div class={`live${openId === null ? "" : " with-inspector"}`}>
      <LiveBar feed={feed} turn={turn} onClear={() => feed.clear()} onHelp={() => setHelping(true)} />
      <FilterBar filters={filters} known={known} searchField={searchField} onFilters={onFilters} />
      {feed.error !== null && <ErrorNote error={asFailure(feed.error)} retry={() => void feed.load()} />}
      <div class="live-panes">
        <div class="live-table">
          <LiveTable
            feed={feed}
            turn={turn}
            active={active}
            openId={openId}
            following={following}
            controls={controls}
            onFollow={follow}
            onPick={onPick}
          />
          {feed.rows.length === 0 && <Nothing feed={feed} narrowed={isNarrowed(filters)} />}
          {!following && (fresh > 0 || !nearEnd) && (
            <button type="button" class="button primary small live-new" onClick={toEnd}>
              {fresh > 0 ? `${new Intl.NumberFormat("en").format(fresh)} new` : "To the newest"}{" "}
              <span aria-hidden="true">↓</span>
            </button>
          )}
          {feed.loadingOlder && <p class="live-older">loading older messages…</p>}
        </div>
        {openId !== null && (
          <aside class="live-inspector" aria-label="Inspector">
            <Inspector key={openId} id={openId} onClose={() => open(null)} onOpen={open} />
          </aside>
        )}
      </div>
      {helping && <KeysHelp onClose={() => setHelping(false)} />}
    </div>
  );
}

function Nothing(
  { feed, narrowed }: { readonly feed: LiveFeed; readonly narrowed: boolean },
): JSX.Element | null {
  if (feed.state === "loading" || feed.state === "failed") return null;
  if (feed.hasOlder) {
    return (
      <div class="live-nothing">
        <Empty title={feed.loadingOlder ? "Looking through older messages…" : "No message matches so far"}>
          <button
            type="button"
            class="button small"
            disabled={feed.loadingOlder}
            onClick={() => void feed.loadOlder()}
          >
            Look further back
          </button>
        </Empty>
      </div>
    );
  }
  if (narrowed) {
    return (
      <div class="live-nothing">
        <Empty title="No message matches">
          It will appear here as soon as one does. Fewer filters show more.
        </Empty>
      </div>
    );
  }
  return (
    <div class="live-nothing">
      <Empty
        title="Nothing yet: waiting for messages"
        command={MONITOR_COMMAND}
      >
        Put km before the command of an MCP server, in the settings of your AI tool; what passes appears here.
      </Empty>
    </div>
  );
}

/** A feed of what the filters leave; another one when they change. `turn` grows whenever there is something else to draw. */
function useFeed(filters: LiveFilters): [LiveFeed | null, number] {
  const [state, setState] = useState<{ feed: LiveFeed | null; turn: number }>({ feed: null, turn: 0 });
  const key = addressQuery(filters);
  useEffect(() => {
    const feed = openFeed(filters, () => setState(({ turn }) => ({ feed, turn: turn + 1 })));
    setState({ feed, turn: 0 });
    return () => feed.close();
  }, [key]);
  return [state.feed, state.turn];
}

/** Names to choose from in the filters. */
function useKnownNames(): Readonly<Record<"server" | "method" | "tool", readonly string[]>> {
  const { data } = useQuery(
    "names",
    (signal) => answer(api.tools.$get({ query: { since: "7d" } }, { init: { signal } })),
  );
  return useMemo(() => {
    const tools = data?.tools ?? [];
    return {
      server: [...new Set(tools.map(({ server }) => server))].sort(),
      tool: [...new Set(tools.map(({ tool }) => tool))].sort(),
      method: COMMON_METHODS,
    };
  }, [data]);
}
