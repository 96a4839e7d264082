import type { ArchiveFile, ArchiveState, StoredCorrection } from '@twofold/archive';
import { isIn, outsideOf, type Runs, type Targets } from '@twofold/corrections';
import { isTwofoldError, type Stream } from '@twofold/schemas';
import { patiently } from '../../patiently.ts';
import type { BatchPorts } from '../../ports.ts';
import type { StreamChain } from './stream-chains.ts';

/** The manifest says what is blank, before a byte is gone: from here on the log has no record there either (E7). */
export async function markArchive(
  { stream, number }: StoredCorrection,
  { archive, clock }: BatchPorts,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const state = await patiently(clock, () => archive.head(stream), signal);
    if (state.redactions.includes(number)) return;
    await patiently(clock, () => archive.commit(state, { add: [], redactions: [number] }), signal);
  }
}

/**
 * Writes every file of a chain that holds a target anew, one manifest each, until the head names none. Whoever compacts
 * meanwhile commits before, and is rewritten too, or after, and then loses.
 * @returns how many files were written anew
 */
export async function rewriteChain(
  chain: StreamChain,
  targets: Targets,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<number> {
  const runs = new Map(targets.map(({ source, runs: of }) => [source, of]));
  const clean = new Set<string>();
  for (let rewritten = 0; ;) {
    signal.throwIfAborted();
    const state = await patiently(ports.clock, () => ports.archive.head(chain.name), signal);
    const next = state.files.find((file) => !clean.has(file.name) && mayHold(file, runs.get(file.partition) ?? []));
    if (next === undefined) return rewritten;
    try {
      const stream = { ...(await chain.declaredBy(next)), name: chain.name };
      if (await rewriteFile(state, next, stream, runs.get(next.partition) ?? [], ports, signal)) rewritten++;
      else clean.add(next.name);
    } catch (error) {
      // Replaced and collected meanwhile: the head names another by now.
      if (!isTwofoldError(error) || error.code !== 'FILE_MISSING' || (await isNamed(next, ports, chain))) throw error;
    }
  }
}

/** False: it holds no target. */
async function rewriteFile(
  state: ArchiveState,
  file: ArchiveFile,
  stream: Stream,
  runs: Runs,
  { archive, clock }: BatchPorts,
  signal: AbortSignal,
): Promise<boolean> {
  const { offsets } = await patiently(clock, () => archive.readColumns(stream, file), signal);
  if (!offsets.some((offset) => isIn(runs, offset))) return false;
  const fresh = await patiently(
    clock,
    () => archive.eraseRows(stream, file, (offset) => isIn(runs, offset), signal),
    signal,
  );
  await patiently(clock, () => archive.commit(state, { add: [fresh], remove: [file.name] }), signal);
  return true;
}

async function isNamed({ name }: ArchiveFile, { archive }: BatchPorts, chain: StreamChain): Promise<boolean> {
  return (await archive.head(chain.name)).files.some((file) => file.name === name);
}

function mayHold({ from, to }: ArchiveFile, runs: Runs): boolean {
  const [first] = outsideOf(runs, from, to);
  return first === undefined || first[0] !== from || first[1] !== to;
}
