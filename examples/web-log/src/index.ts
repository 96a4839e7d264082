export { default as webLog } from '../twofold.config.ts';
export { requests } from '../streams/requests.ts';
export { clientHour } from '../views/client-hour.ts';
export { statusHour } from '../views/status-hour.ts';
export { tenSeconds } from '../views/ten-seconds.ts';
export { dataSets } from './data-sets.ts';
export { history, logLines, type LogLine, type RequestMessage } from './log-lines.ts';
export { queries, type ReadyQuery } from './queries.ts';
export { facts, truths, type LogTruth } from './truths.ts';
