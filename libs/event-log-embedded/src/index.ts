export type { FollowedLog } from './embedded-log-reader.ts';
export * from './open-embedded-log.ts';
export type { TornTail } from './open-partition.ts';
export { verifyEmbeddedLog, type LogAudit } from './verify-embedded-log.ts';
export type { LogFault, LogRemark } from './log-fault.ts';
export type { VerifiedPartition } from './verify-partition.ts';
export type { EmbeddedLog } from './embedded-log.ts';
