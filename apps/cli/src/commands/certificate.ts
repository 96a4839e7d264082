import { loadCertificate } from '@twofold/batch-layer';
import { CliError } from '../errors.ts';
import { openToLook } from '../look.ts';
import { EXIT, print } from '../output.ts';
import { certificateLines } from '../plan-lines.ts';
import type { CliSettings } from '../settings.ts';

/** Shows what a redaction erased. */
export async function certificate(
  projectFolder: string,
  values: CliSettings,
  json: boolean,
  correction: string,
): Promise<number> {
  const { project, archive, close } = await openToLook(projectFolder, values);
  try {
    for (const { name } of project.streams) {
      const list = await archive.corrections(name).list();
      if (list.find(({ id }) => id === correction)?.kind !== 'redact') continue;
      const found = await loadCertificate(archive, { id: correction, stream: name });
      if (found === null)
        throw new CliError('NO_DATA', `redaction ${correction} is not finished; apply its plan again (twofold apply).`);
      print(json, { certificate: found }, () => certificateLines(found));
      return EXIT.done;
    }
    throw new CliError('NO_DATA', `there is no redaction ${correction}; twofold releases shows every correction.`);
  } finally {
    await close();
  }
}
