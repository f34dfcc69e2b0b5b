/** What a plugin may use up: what its manifest asks for, and no more than the user's settings let any plugin. @module */
import type { SettingKey } from "../../config/settings.ts";
import { parseDuration } from "../../core/duration.ts";
import { parseSize } from "../../core/size.ts";
import type { Limits } from "../manifest.ts";

/** Text of a setting. */
export type SettingText = (key: SettingKey) => string;

export function limitsInForce(asked: Limits, text: SettingText): Limits {
  const number = (key: SettingKey) => Number(text(key));
  const size = (key: SettingKey) => parseSize(text(key));
  return {
    heapMiB: Math.min(asked.heapMiB, number("plugins.maxHeapMiB")),
    residentMiB: Math.min(asked.residentMiB, number("plugins.maxResidentMiB")),
    cpuPercent: Math.min(asked.cpuPercent, number("plugins.maxCpuPercent")),
    messageMs: Math.min(asked.messageMs, parseDuration(text("plugins.maxMessageTime"))),
    frameBytes: Math.min(asked.frameBytes, size("plugins.maxFrameBytes")),
    logBytesPerMinute: Math.min(asked.logBytesPerMinute, size("plugins.maxLogBytesPerMinute")),
    payloadBytes: Math.min(asked.payloadBytes, size("plugins.maxPayloadBytes")),
    queueMessages: Math.min(asked.queueMessages, number("plugins.maxQueueMessages")),
    queueBytes: Math.min(asked.queueBytes, size("plugins.maxQueueBytes")),
  };
}
