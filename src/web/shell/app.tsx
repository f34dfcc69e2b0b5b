/** The frame of the dashboard: navigation, the page that the address names, and the sign-in page when km does not know who asks. @module */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { DocsPage } from "../docs/docs_page.tsx";
import { InspectPage } from "../inspect/inspect_page.tsx";
import { LivePage } from "../live/live_page.tsx";
import { OverviewPage } from "../overview/overview_page.tsx";
import { ServersPage } from "../servers/servers_page.tsx";
import { SessionsPage } from "../sessions/sessions_page.tsx";
import { useAttentionCount } from "../sessions/use_sessions.ts";
import { SettingsPage } from "../settings/settings_page.tsx";
import { SignInPage } from "../sign_in/sign_in_page.tsx";
import { ToolsPage } from "../tools/tools_page.tsx";
import { Empty } from "../ui/empty.tsx";
import { useSignedOut } from "./api.ts";
import { Navigation } from "./navigation.tsx";
import { followLinks, parseRoute, type Route, usePlace } from "./router.ts";
import { usePageTitle } from "./title.ts";

const TITLES: Readonly<Record<Route["page"], string>> = {
  overview: "Overview",
  live: "Live",
  inspect: "Inspector",
  sessions: "Sessions",
  servers: "Servers",
  tools: "Tools",
  settings: "Settings",
  docs: "API",
  none: "Not found",
};

/** The whole dashboard. */
export function App(): JSX.Element {
  const [signedOut, setSignedOut] = useSignedOut();
  // A one-time link of `km open` has its code behind the #, where no server and no log sees it.
  const [hasCode, setHasCode] = useState(() => location.hash.startsWith("#token="));
  useEffect(followLinks, []);
  if (hasCode || signedOut) {
    return (
      <SignInPage
        onSignedIn={() => {
          setHasCode(false);
          setSignedOut(false);
        }}
      />
    );
  }
  return <Frame />;
}

function Frame(): JSX.Element {
  const { path } = usePlace();
  const route = parseRoute(path);
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  const attention = useAttentionCount();
  usePageTitle(TITLES[route.page], attention);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    // As after a page load: readers begin at the top, and Tab goes on in the page and not in the navigation.
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return (
    <>
      <a class="skip-link" href="#main">Skip to content</a>
      <Navigation page={route.page} attention={attention} />
      <main id="main" ref={main} tabIndex={-1}>
        <Page route={route} />
      </main>
    </>
  );
}

function Page({ route }: { readonly route: Route }): JSX.Element {
  switch (route.page) {
    case "overview":
      return <OverviewPage />;
    case "live":
      return <LivePage />;
    case "inspect":
      return <InspectPage id={route.id} />;
    case "sessions":
      return <SessionsPage number={route.number} />;
    case "servers":
      return <ServersPage />;
    case "tools":
      return <ToolsPage />;
    case "settings":
      return <SettingsPage />;
    case "docs":
      return <DocsPage />;
    case "none":
      return (
        <Empty title="There is no such page">
          <a href="/">Go to the overview</a>
        </Empty>
      );
  }
}
