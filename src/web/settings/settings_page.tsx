/** Settings. @module */
import type { JSX } from "preact";
import { PageHead } from "../ui/page_head.tsx";

export function SettingsPage(): JSX.Element {
  return <PageHead title="Settings" />;
}
