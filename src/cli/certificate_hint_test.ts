import { equal, match } from "node:assert/strict";
import { certificateHint } from "./certificate_hint.ts";

Deno.test("certificateHint() says how to make a server's certificate of an authority's, and then how to trust it", () => {
  const hint = certificateHint("invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))", "km status");
  match(hint ?? "", /-addext basicConstraints=critical,CA:FALSE.* DENO_CERT=<file> km status$/);
});

Deno.test("certificateHint() says how to trust an unknown one, and nothing of other failures", () => {
  const hint = certificateHint("invalid peer certificate: UnknownIssuer", "km open");
  equal(hint, "tell km which certificate to trust: DENO_CERT=<file> km open");
  equal(certificateHint("tcp connect error: Connection refused", "km open"), null);
});
