export { classify, type ClassifiedRecord, type OracleRecord } from './classify.ts';
export { compareAnswers, type ServedRow } from './compare-answers.ts';
export { hashesText } from './distinct.ts';
export { evaluate, holds } from './evaluate.ts';
export { expectedLedger, type LedgerLine } from './expected-ledger.ts';
export { oracleAnswer, type KeyUnits, type OracleQuery, type OracleRow } from './oracle-answer.ts';
export { oraclePartials, type OraclePartial } from './oracle-partials.ts';
export type { Presented } from './present-value.ts';
export type { OracleEvent, Value } from './read-event.ts';
