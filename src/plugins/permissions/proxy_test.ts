import { equal, match } from "node:assert/strict";
import { proxyProblem } from "./proxy.ts";

Deno.test("proxyProblem() names a proxy that no plugin can reach, without its password", () => {
  for (
    const proxy of [
      "http://me:hunter2@10.1.2.3:3128",
      "10.1.2.3:3128",
      "http://[::1]:8080",
      "http://proxy.corp",
    ]
  ) {
    const problem = proxyProblem({ HTTPS_PROXY: proxy }) ?? "";
    match(problem, /^HTTPS_PROXY leads to (10\.1\.2\.3|\[::1\]|proxy\.corp), which is /);
    equal(/hunter2|me:/.test(problem), false);
  }
});

Deno.test("proxyProblem() has nothing to say of a proxy of the internet, or of none", () => {
  equal(
    proxyProblem({ HTTPS_PROXY: "http://proxy.example.com:3128", http_proxy: "", NO_PROXY: "10.0.0.1" }),
    null,
  );
  equal(proxyProblem({}), null);
});
