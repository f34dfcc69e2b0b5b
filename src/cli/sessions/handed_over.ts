/** What of the environment here goes along to a program that km serve starts. @module */
import { environment } from "../../config/environment.ts";
import { childEnvironment } from "../../sessions/providers/launch.ts";
import type { Provider } from "../../sessions/providers/provider.ts";

/** What the user has set here, and not only where km serve was started; the same allow-list holds. */
export function handedOver(provider: Provider): Record<string, string> {
  return childEnvironment(environment(), provider, {});
}
