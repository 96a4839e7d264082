/** What histories have exercised. A zero in a long run means that something is not tested at all. */
export const COUNTERS = [
  'cutsInsideSlice',
  'promotions',
  'rollbacks',
  'wideRowsRead',
  'remaindersRead',
  'zombieWrites',
  'storeLosses',
  'unknownOutcomes',
  'lateWrites',
  'archiveReadsThroughLog',
  'refusedReads',
  'readsChecked',
  'claimsAcrossPromotions',
  'speedRowsChecked',
  'kills',
  'pauses',
  'partitionsGrown',
  'logTrims',
  'versionPromotions',
  'candidatesCancelled',
  'partsRemoved',
  'partsShared',
  'rowsSwept',
  'slicesCompared',
  'snapshots',
  'originsInsideSlice',
  'slowAnswers',
  'batchWritesLost',
  'appendsUnknown',
  'recordsRepeated',
  'repeatsDropped',
  'aheadRejected',
  'repeatsAtHorizon',
  'repeatsBeyondHorizon',
  'repeatsOfRepeats',
  'repeatsElsewhere',
  'repeatsOfTrimmed',
  'repeatsOfErased',
  'repeatsAcrossLoss',
  'repeatsAcrossCut',
  'openSlicesTrimmed',
  'filesCompacted',
  'filesRemoved',
  'idsForgotten',
  'pagesRead',
  'answersRemembered',
  'sessionsCompared',
  'sessionsBegunBefore',
  'calendarRowsCompared',
  'shiftedDaysCompared',
  'rowsCompared',
  'scheduledRuns',
  'ticksMissed',
  'slotsTaken',
  'runsAbandoned',
  'runsCancelled',
  'clockJumps',
  'piecesBackfilled',
  'correctionsPromoted',
  'correctionsTakenBack',
  'correctionsRefused',
  'correctionRowsCompared',
  'redactionsFinished',
  'redactionsResumed',
  'recordsErased',
  'changesTold',
  'candidatesGated',
  'candidatesBlocked',
  'correctedAtRest',
] as const;

/** Of histories with operators. */
export const OPERATOR_COUNTERS = [
  'changesEmitted',
  'changesRepeated',
  'appendsCut',
  'snapshotsStored',
  'snapshotsOfOthers',
  'rowRedactions',
  'rowsHeld',
  'erasedRepeated',
  'repeatsErased',
  'repeatsErasedLater',
] as const;

/** Of histories with stream versions. */
export const VERSION_COUNTERS = ['filesDerived', 'classesByVersion', 'linesByFormerVersion'] as const;

export type Counter =
  (typeof COUNTERS)[number] | (typeof OPERATOR_COUNTERS)[number] | (typeof VERSION_COUNTERS)[number];
export type Coverage = Record<Counter, number>;

export function noCoverage(): Coverage {
  const entries = [...COUNTERS, ...OPERATOR_COUNTERS, ...VERSION_COUNTERS].map((name) => [name, 0] as const);
  return Object.fromEntries(entries) as Coverage;
}
