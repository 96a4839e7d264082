import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ServicesError } from './errors.ts';
import { type Artefact, type Runtime, artefactsOf, runtimeFolder } from './runtimes.ts';

/** Names a Maven repository by the address of its root, for machines without Maven. */
export const repositoryVariable = 'TWOFOLD_MAVEN_REPOSITORY';

const dependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
const downloadsAtOnce = 6;

/**
 * Sees to it that every artefact of the server is in the folder, with the checksum it was pinned at, and gives the
 * class path. Maven fetches what is missing, with its own settings; without Maven, the repository that
 * TWOFOLD_MAVEN_REPOSITORY names.
 */
export async function installRuntime(
  runtime: Runtime,
  folder: string,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<string> {
  const artefacts = artefactsOf(runtime.name);
  const done = path.join(folder, 'complete');
  const classPath = artefacts.map((each) => path.join(folder, each.path)).join(path.delimiter);
  if (existsSync(done)) return classPath;
  await mkdir(folder, { recursive: true });
  const missing = artefacts.filter((each) => !existsSync(path.join(folder, each.path)));
  if (missing.length > 0) {
    const repository = env[repositoryVariable];
    say(`${runtime.name} ${runtime.version}: fetching ${missing.length} artefacts, about a minute, once`);
    if (repository !== undefined && repository !== '') await download(repository, missing, folder);
    else copyWithMaven(runtime, folder, env);
  }
  for (const artefact of artefacts) await checkArtefact(artefact, path.join(folder, artefact.path));
  await writeFile(done, '');
  return classPath;
}

function copyWithMaven(runtime: Runtime, folder: string, env: NodeJS.ProcessEnv): void {
  const { status, stdout, stderr, error } = spawnSync(
    'mvn',
    [
      ...['--batch-mode', '--quiet', '--file', path.join(runtimeFolder(runtime.name), 'pom.xml')],
      ...[`${dependencyPlugin}:copy-dependencies`, '-DincludeScope=runtime', '-Dmdep.useRepositoryLayout=true'],
      `-DoutputDirectory=${folder}`,
    ],
    { encoding: 'utf8', env },
  );
  if (error !== undefined) {
    throw new ServicesError(
      `${runtime.name} ${runtime.version} is fetched by Maven, which is not here (${error.message}). Install it, for ` +
        `example with "apt-get install maven" or "brew install maven", or name a Maven repository's address by ` +
        `${repositoryVariable}: the artefacts are then taken from there and checked against their checksums.`,
    );
  }
  if (status !== 0) {
    throw new ServicesError(`Maven could not fetch ${runtime.name} ${runtime.version}:\n${stdout}${stderr}`.trim());
  }
}

async function download(repository: string, artefacts: readonly Artefact[], folder: string): Promise<void> {
  const base = repository.endsWith('/') ? repository : `${repository}/`;
  const left = [...artefacts];
  const work = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await downloadOne(base, next, folder);
  };
  await Promise.all(Array.from({ length: downloadsAtOnce }, work));
}

async function downloadOne(base: string, artefact: Artefact, folder: string): Promise<void> {
  const url = new URL(artefact.path, base);
  const target = path.join(folder, artefact.path);
  await mkdir(path.dirname(target), { recursive: true });
  const response = await fetch(url).catch((error: unknown) => {
    throw new ServicesError(`${url.href} could not be fetched: ${String(error)}`);
  });
  if (!response.ok) throw new ServicesError(`${url.href} answered ${response.status}`);
  const partial = `${target}.partial`;
  await writeFile(partial, Buffer.from(await response.arrayBuffer()));
  await checkArtefact(artefact, partial);
  await rename(partial, target);
}

/** A file with another checksum is removed, so that the next run fetches it anew. */
async function checkArtefact(artefact: Artefact, file: string): Promise<void> {
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null) throw new ServicesError(`${artefact.path} was not fetched; run the command again`);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === artefact.sha256) return;
  await rm(file, { force: true });
  throw new ServicesError(`${artefact.path} has SHA-256 ${found}; ${artefact.sha256} was expected. It was removed.`);
}
