import type { LogFault, LogRemark } from './log-fault.ts';
import { faultOf } from './log-fault.ts';
import { readMeta } from './meta-file.ts';
import { listSegments } from './segment-files.ts';
import { segmentHeaderBytes, segmentName } from './segment-header.ts';
import { type TopicFacts, partitionPlace, readTopic, topicFolder } from './topic-folder.ts';
import { type ReadFs, type VerifiedPartition, type VerifyReport, verifyPartition } from './verify-partition.ts';

/** What verification found in a log's folder. */
export interface LogAudit {
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly VerifiedPartition[] }[];
  /** In the order of topics, partitions and offsets. Empty: every frame is as it was written, and none is missing. */
  readonly faults: readonly LogFault[];
  readonly remarks: readonly LogRemark[];
}

/**
 * Reads the whole log of a folder, checks every frame and names what is damaged or missing. Changes nothing, takes no
 * lock, and may run beside a writer: what that has not acknowledged yet is not judged.
 */
export async function verifyEmbeddedLog(options: {
  readonly directory: string;
  readonly fs: ReadFs;
  readonly signal?: AbortSignal;
}): Promise<LogAudit> {
  const { directory, fs, signal } = options;
  const faults: LogFault[] = [];
  const remarks: LogRemark[] = [];
  const report: VerifyReport = { fault: (fault) => faults.push(fault), remark: (remark) => remarks.push(remark) };
  const topics: { topic: string; partitions: VerifiedPartition[] }[] = [];
  const meta = await look(report, `${directory}/log.json`, null, () => readMeta(fs, directory, 'log.json'));
  if (meta === null)
    report.fault({
      ...wholeFile(`${directory}/log.json`, null),
      code: 'FILE_MISSING',
      detail: 'there is no such file',
    });
  const names = await look(report, `${directory}/topics`, null, () => fs.list(`${directory}/topics`));
  for (const topic of [...(names ?? [])].sort()) {
    const file = `${topicFolder(directory, topic)}/topic.json`;
    const facts = await look<TopicFacts | null>(report, file, topic, () => readTopic(fs, directory, topic));
    if (facts === null && (await holdsRecords(fs, `${topicFolder(directory, topic)}/0`)))
      report.fault({ ...wholeFile(file, topic), code: 'FILE_MISSING', detail: 'it names a topic that has records' });
    if (facts === null || facts === undefined) continue;
    const partitions: VerifiedPartition[] = [];
    for (let partition = 0; partition < facts.partitions; partition++) {
      const place = partitionPlace(directory, topic, partition, facts.identity);
      partitions.push(await verifyPartition(fs, place, report, signal));
    }
    topics.push({ topic, partitions });
  }
  return { topics, faults, remarks };
}

function wholeFile(file: string, topic: string | null): Omit<LogFault, 'code' | 'detail'> {
  return { file, topic, partition: null, position: null, from: null, to: null };
}

async function holdsRecords(fs: ReadFs, folder: string): Promise<boolean> {
  for (const base of await listSegments(fs, folder).catch(() => [])) {
    const found = await fs.stat(`${folder}/${segmentName(base)}`);
    if (base > 0 || (found?.sizeBytes ?? 0) > segmentHeaderBytes) return true;
  }
  return false;
}

/** Undefined: it could not be read, which was reported. A file that is replaced while it is read is read once more. */
async function look<T>(
  report: VerifyReport,
  file: string,
  topic: string | null,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read().catch(read);
  } catch (error) {
    report.fault(faultOf(error, wholeFile(file, topic)));
    return undefined;
  }
}
