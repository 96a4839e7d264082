import type { ArchiveFault } from '@twofold/archive';
import { openToLook } from '../look.ts';
import { EXIT, print } from '../output.ts';
import type { CliSettings } from '../settings.ts';

/** Compares every archive file with what the manifests say of it; names what is wrong, and mends nothing. */
export async function verify(projectFolder: string, values: CliSettings, json: boolean): Promise<number> {
  const { project, archive, close } = await openToLook(projectFolder, values);
  try {
    const faults: ArchiveFault[] = [];
    let files = 0;
    for (const { name } of project.streams) {
      for await (const fault of archive.verify(name)) faults.push(fault);
      if (faults.every((fault) => fault.stream !== name)) files += (await archive.head(name)).files.length;
    }
    print(json, { files, faults }, () =>
      faults.length === 0
        ? [`${files} archive files are as their manifests say, and cover every position`]
        : faults.map(
            (f) =>
              `${f.code} ${f.stream}${f.partition === null ? '' : ` partition ${f.partition}`}${f.from === null ? '' : ` positions [${f.from}, ${f.to})`} ${f.name}: ${f.detail}`,
          ),
    );
    return faults.length === 0 ? EXIT.done : EXIT.check;
  } finally {
    await close();
  }
}
