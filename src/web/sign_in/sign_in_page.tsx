/** Where km does not know who asks. @module */
import type { JSX } from "preact";
import { Empty } from "../ui/empty.tsx";

export function SignInPage({ onSignedIn: _ }: { onSignedIn(): void }): JSX.Element {
  return <Empty title="Sign in" command="km open" />;
}
