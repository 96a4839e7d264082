import type { Stream } from '@twofold/schemas';
import type { Expr } from './expression.ts';
import type { Gate } from './gate.ts';
import type { View } from './view.ts';

/** What an alarm's severity may be, from mild to grave. */
export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** A condition on single events: each accepted event of the stream for which it is true rings. Made by `alarm()`. */
export interface Alarm {
  readonly name: string;
  readonly stream: Stream;
  /** True, not false and not null: the alarm rings. */
  readonly when: Expr;
  /** Name of the stream's field that says what the alarm is about: one sensor, one machine. */
  readonly key: string;
  readonly severity: Severity;
  readonly description: string | null;
}

/**
 * Which changes of what could be read before are told on the log: all, or those only that corrections make. Late data that
 * a run brings into windows that were complete, and new versions of views, are not told then.
 */
export const restatementScopes = ['all', 'corrections'] as const;
export type RestatementScope = (typeof restatementScopes)[number];
/** Of a project that says nothing of it. */
export const DEFAULT_RESTATEMENTS: RestatementScope = 'all';

/** Everything that one control row governs. Its id is the first part of every key, topic and path. Made by `project()`. */
export interface Project {
  readonly id: string;
  readonly streams: readonly Stream[];
  readonly views: readonly View[];
  readonly alarms: readonly Alarm[];
  /** What every candidate is held against before it is made live. */
  readonly gates: readonly Gate[];
  readonly restatements: RestatementScope;
}
