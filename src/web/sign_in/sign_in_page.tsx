/**
 * Where km does not know who asks: takes the code of a one-time link to sign in, or says how to get one.
 *
 * The code leaves the address bar and the history before anything else happens, whether it works or not.
 * @module
 */
import "./sign_in.css";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { answer, api, ApiFailure, asFailure } from "../shell/api.ts";
import { CopyLine } from "../ui/copy_line.tsx";
import { ErrorNote } from "../ui/error_note.tsx";
import { codeOf, withoutCode } from "./one_time_code.ts";

type Attempt =
  | { readonly kind: "none" | "trying" }
  | { readonly kind: "failed"; readonly error: ApiFailure };

export function SignInPage({ onSignedIn }: { onSignedIn(): void }): JSX.Element {
  const [attempt, setAttempt] = useState<Attempt>(() => ({
    kind: codeOf(location.hash) === null ? "none" : "trying",
  }));
  const latest = useRef(onSignedIn);
  latest.current = onSignedIn;

  useEffect(() => {
    const tryCode = () => {
      const code = codeOf(location.hash);
      if (code === null) return;
      history.replaceState(null, "", withoutCode(location));
      setAttempt({ kind: "trying" });
      signIn(code).then(() => latest.current(), (error: ApiFailure) => setAttempt({ kind: "failed", error }));
    };
    tryCode();
    // A new link may be opened in this very tab: that changes only the fragment.
    addEventListener("hashchange", tryCode);
    return () => removeEventListener("hashchange", tryCode);
  }, []);

  if (attempt.kind === "trying") {
    return (
      <main class="sign-in" aria-busy="true">
        <p role="status">Signing in…</p>
      </main>
    );
  }
  return (
    <main class="sign-in">
      <p class="sign-in-brand" aria-hidden="true">km</p>
      <h1>{attempt.kind === "failed" ? "This link did not work" : "Sign in from your terminal"}</h1>
      {attempt.kind === "failed" && <ErrorNote error={attempt.error} />}
      <p>
        {attempt.kind === "failed"
          ? "A link works once, for five minutes. Get a new one on the machine where km runs:"
          : "Run this on the machine where km runs:"}
      </p>
      <CopyLine text="km open" label="Copy km open" />
      <p class="sign-in-what">
        It opens this page in your browser with a link that works once, and this browser stays signed in for
        30 days. On a machine without a browser, the command prints the link.
      </p>
      <details>
        <summary>Why?</summary>
        <p>
          What km records is yours alone. Any website that you visit, and any other user of this machine, can
          reach this address; only somebody who can read your files can make such a link.
        </p>
      </details>
      <details>
        <summary>It says that km is not running</summary>
        <p>
          Start it with <code>km serve</code>, or <code>km serve --open</code>, which opens the link as well.
        </p>
      </details>
    </main>
  );
}

/** @throws {ApiFailure} wrong_code, too_many_failures, unreachable */
async function signIn(code: string): Promise<void> {
  try {
    await answer(api.auth.session.$post({ json: { code } }));
  } catch (cause) {
    // The link of a browser that is signed in already, opened again: then there is nothing to tell.
    if (cause instanceof ApiFailure && cause.code === "wrong_code" && await isSignedIn()) return;
    throw asFailure(cause);
  }
}

async function isSignedIn(): Promise<boolean> {
  return await answer(api.auth.me.$get()).then(() => true, () => false);
}
