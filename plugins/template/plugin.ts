/** Measures every call of a tool, and finds the slow ones. @module */
import { definePlugin } from "../sdk/mod.ts";

export default definePlugin({
  name: "my-plugin",
  version: "0.1.0",
  // The type of `config` is read from this. km.plugin.jsonc has it, too: it is what km checks a user's configuration with.
  configSchema: {
    type: "object",
    properties: { slowMs: { type: "number", minimum: 0, default: 1000 } },
    additionalProperties: false,
  },
  onMessage(message, { config, emit, log }) {
    const { tool, server, durationUs } = message.event;
    // Only the message that ends a call knows how long it took.
    if (tool === null || durationUs === null) return;
    const ms = durationUs / 1000;
    emit.metric({ name: "call", value: ms, unit: "ms", message });
    if (ms <= config.slowMs) return;
    log.info(`${tool} took ${ms} ms`);
    emit.finding({
      key: `slow:${server}:${tool}`,
      severity: "info",
      title: `${tool} is slow`,
      detail: `It took ${ms} ms; ${config.slowMs} ms are expected.`,
      message,
    });
  },
});
