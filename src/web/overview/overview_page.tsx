/** Overview. @module */
import type { JSX } from "preact";
import { PageHead } from "../ui/page_head.tsx";

export function OverviewPage(): JSX.Element {
  return <PageHead title="Overview" />;
}
