export * from './physical.ts';
export type * from './expression.ts';
export type * from './fold.ts';
export type * from './partials.ts';
export type * from './view.ts';
export * from './errors.ts';
export { componentIndexes, componentsOf, componentsOfMeasure, expressionKey } from './components.ts';
export * from './accumulator.ts';
export type { Piece } from './piece-writer.ts';
export * from './answer.ts';
export type { AnswerValue, CountedValues, PlainValue } from './answer-form.ts';
export * from './chunk.ts';
export { projectionOf, type ViewProjection } from './view-projection.ts';
export * from './chunk-merge.ts';
export * from './chunk-difference.ts';
export * from './chunk-error.ts';
export { CommonReads } from './common-reads.ts';
export { latestTime } from './event-times.ts';
export { createFold } from './fold-columns.ts';
export { bucketOf, compareKeys, decodeKey, encodeKey, type KeyValue } from './key.ts';
export { compileCondition, compileNumber, compileText } from './evaluate.ts';
export { derivedEvaluator, type MeasureValue } from './evaluate-derived.ts';
export { compareCodePoints } from './evaluate-text.ts';
export { expressionText } from './expression-text.ts';
export { view } from './declare-view.ts';
export type * from './view-declaration.ts';
export { alarm, type AlarmDeclaration } from './declare-alarm.ts';
export { eventCondition } from './declare-condition.ts';
export { schedule, type Schedule, type ScheduleDeclaration } from '@twofold/schedules';
export { project, type ProjectDeclaration } from './declare-project.ts';
export { gate, type GateDeclaration } from './declare-gate.ts';
export { gateSeverities, noLimit, type Gate, type GateSeverity } from './gate.ts';
export {
  DEFAULT_RESTATEMENTS,
  restatementScopes,
  type Alarm,
  type Project,
  type RestatementScope,
  type Severity,
} from './project.ts';
export { calendar, session, sliding, tumbling, type WindowDraft } from './declare-window.ts';
export { unknownZone } from './check-window.ts';
export { levelFor, longestWindowMs, windowText } from './window-of.ts';
export { sessionsReachBack } from './session-ranges.ts';
export { calendarGrains, calendarOf, type Calendar, type CalendarGrain } from './zones/calendar.ts';
export { similarZones, zoneNamed, zoneNames, zoneTableVersion } from './zones/zone.ts';
export { distinct, quantile, type Precision } from './declare-sketches.ts';
export { distinctError } from './distinct-estimate.ts';
export { exactLimit } from './distinct-set.ts';
export { binError } from './log-bins.ts';
export { avg, count, first, last, max, min, ratio, stddev, sum, variance, MeasureBuilder } from './declare-measures.ts';
export { countBy, histogram } from './declare-counts.ts';
export { reducer, type ReducerDeclaration } from './declare-reducer.ts';
export type { Reducer, ReducerShows, ReducerValue } from './reducer.ts';
export { failureMessage, type MeasureFailure } from './answer-reducer.ts';
export type { ReducerFailure } from './reducer-failure.ts';
export { when } from './expression-when.ts';
export { BooleanExpression, Expression } from './expression-base.ts';
export {
  greatest,
  least,
  NumberExpression,
  TextExpression,
  TimeExpression,
  type NumberForm,
} from './expression-builders.ts';
export { BytesExpression, ListExpression } from './held-expressions.ts';
export { DerivedCondition, DerivedNumber } from './declare-derived.ts';
export type { SqlDialect } from './sql-dialect.ts';
export { duckdbSql } from './sql-duckdb.ts';
export { sparkSql } from './sql-spark.ts';
export { foldSql, type FoldSqlOptions, type SqlColumn } from './sql-fold.ts';
export { surveySql, type SurveySqlOptions } from './sql-survey.ts';
export { viewChanges, viewFacts, type ViewFacts } from './view-changes.ts';
