/** The answers of the API that pages read. @module */

export interface Odometer {
  readonly messages: number;
  readonly calls: number;
  readonly errors: number;
  readonly tokens: number;
  readonly costMicroUsd: number | null;
}

export interface Finding {
  readonly id: string;
  readonly kind: string;
  readonly severity: "info" | "warning" | "critical";
  readonly title: string;
  readonly detail: string;
  readonly server: string | null;
  readonly tool: string | null;
  readonly time: string;
  readonly eventId: string | null;
}

export interface Change {
  readonly kind: string;
  readonly text: string;
  readonly server: string | null;
  readonly tool: string | null;
}

export interface Overview {
  readonly odometer: {
    readonly today: Odometer;
    readonly yesterday: Odometer;
    readonly week: Odometer;
    readonly all: Odometer;
  };
  readonly model: string | null;
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
}

export interface SeriesPoint {
  readonly start: string;
  readonly calls: number;
  readonly errors: number;
  readonly messages: number | null;
  readonly tokens: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export interface Stats {
  readonly totals: {
    readonly calls: number;
    readonly errors: number;
    readonly errorRate: number;
    readonly p50Ms: number | null;
    readonly p95Ms: number | null;
    readonly p99Ms: number | null;
  };
  readonly intervalMs: number;
  readonly series: readonly SeriesPoint[];
}

export interface Latency {
  readonly buckets: readonly { readonly fromMs: number; readonly toMs: number; readonly calls: number }[];
  readonly calls: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

interface CallFigures {
  readonly calls: number;
  readonly errors: number;
  readonly errorRate: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly tokens: number;
  readonly series: readonly number[];
}

export interface Server extends CallFigures {
  readonly server: string;
  readonly command: readonly string[];
  readonly title: string | null;
  readonly version: string | null;
  readonly protocolVersion: string | null;
  readonly clients: readonly {
    readonly name: string;
    readonly version: string | null;
    readonly lastSeen: string;
  }[];
  readonly runs: number;
  readonly running: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly tools: number;
  readonly unusedTools: number;
  readonly definitionBytes: number;
  readonly definitionTokens: number;
}

export interface Tool extends CallFigures {
  readonly server: string;
  readonly tool: string;
  readonly definitionBytes: number | null;
  readonly definitionTokens: number | null;
  readonly firstListed: string | null;
  readonly lastListed: string | null;
  readonly changedAt: string | null;
  readonly lastCalled: string | null;
  readonly unused: boolean;
  readonly requestBytes: number;
  readonly responseBytes: number;
}
