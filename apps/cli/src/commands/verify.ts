import path from 'node:path';
import { derivedName, verifyCorrections, type ArchiveFault } from '@twofold/archive';
import { openToLook } from '../look.ts';
import { EXIT, print } from '../output.ts';
import type { CliSettings } from '../settings.ts';
import { verifyLog, type LogFindings } from '../verify-log.ts';

/** Checks every frame of the log, and every archive file against its manifest; names what is wrong, and mends nothing. */
export async function verify(projectFolder: string, values: CliSettings, json: boolean): Promise<number> {
  const { project, archive, close } = await openToLook(projectFolder, values);
  try {
    // Kafka checks its own records; what it no longer has and the archive lacks is told by the layers as an incident.
    const log =
      values.kafkaBrokers === null ? await verifyLog(project, path.resolve(values.dataFolder), archive) : null;
    const faults: ArchiveFault[] = [];
    let files = 0;
    for (const stream of project.streams) {
      const { name } = stream;
      for (const chain of [name, derivedName(stream)])
        for await (const fault of archive.verify(chain)) faults.push(fault);
      for await (const fault of verifyCorrections(archive, name)) faults.push(fault);
      if (faults.every((fault) => fault.stream !== name)) files += (await archive.head(name)).files.length;
    }
    print(json, { files, faults, log }, () => [
      ...(faults.length === 0
        ? [`${files} archive files are as their manifests say, and cover every position`]
        : faults.map(archiveLine)),
      ...(log === null ? ['the log is in Kafka, which checks it by itself'] : logLines(log)),
    ]);
    return faults.length === 0 && (log === null || log.faults.length === 0) ? EXIT.done : EXIT.check;
  } finally {
    await close();
  }
}

function archiveLine(fault: ArchiveFault): string {
  const { code, stream, name, detail } = fault;
  return `${code} ${stream}${where(fault)} ${name}: ${detail}`;
}

function logLines({ faults, remarks, segments, records, bytes }: LogFindings): string[] {
  const lines = faults.map((fault) => {
    const byte = fault.position === null ? '' : ` at byte ${fault.position}`;
    return `${fault.code} log${fault.topic === null ? '' : ` ${fault.topic}`}${where(fault)} ${fault.file}${byte}: ${fault.detail}`;
  });
  if (faults.length === 0)
    lines.push(`${segments} log segments are whole: ${records} records, ${bytes} bytes, no position missing`);
  for (const { code, file, bytes: size } of remarks)
    lines.push(`no damage: ${code} ${file}${size > 0 ? `, ${size} bytes that were never acknowledged` : ''}`);
  return lines;
}

function where({ partition, from, to }: Pick<LogFindings['faults'][number], 'partition' | 'from' | 'to'>): string {
  const positions = from === null ? '' : ` positions [${from}, ${to ?? '?'})`;
  return `${partition === null ? '' : ` partition ${partition}`}${positions}`;
}
