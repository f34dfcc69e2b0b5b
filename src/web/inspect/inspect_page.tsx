/** Inspector. @module */
import type { JSX } from "preact";
import { PageHead } from "../ui/page_head.tsx";

export function InspectPage({ id: _id }: { readonly id: string }): JSX.Element {
  return <PageHead title="Inspector" />;
}
