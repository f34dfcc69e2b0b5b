/** The inspector on a page of its own: /inspect/:id. @module */
import type { JSX } from "preact";
import { navigate } from "../shell/router.ts";
import { Empty } from "../ui/empty.tsx";
import { PageHead } from "../ui/page_head.tsx";
import { Inspector } from "./inspector.tsx";

export function InspectPage({ id }: { readonly id: string }): JSX.Element {
  if (id === "") {
    return (
      <>
        <PageHead title="Inspector" />
        <Empty title="No message was chosen">
          <a href="/live">Choose one in Live</a>, or write its id behind <code>/inspect/</code>.
        </Empty>
      </>
    );
  }
  return (
    <>
      <PageHead title="Inspector">
        <a class="button small" href="/live">To Live</a>
      </PageHead>
      <div class="card inspect-page">
        <Inspector key={id} id={id} onOpen={(other) => navigate(`/inspect/${other}`)} />
      </div>
    </>
  );
}
