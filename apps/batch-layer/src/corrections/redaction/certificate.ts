import type { ColumnArchive, StoredCorrection } from '@twofold/archive';
import { CorrectionError, type ErasedPlace, type RedactionCertificate } from '@twofold/corrections';
import { liveRelease, releaseOf } from '@twofold/releases';
import { patiently } from '../../patiently.ts';
import type { BatchPorts } from '../../ports.ts';
import { mustRead } from '../../recompute-views.ts';
import type { CleanedUp } from './clean-up.ts';
import type { ErasedRepeats } from './erase-repeats.ts';

/** Null: the redaction is not finished. */
export async function loadCertificate(
  archive: Pick<ColumnArchive, 'corrections'>,
  { id, stream }: Pick<StoredCorrection, 'id' | 'stream'>,
): Promise<RedactionCertificate | null> {
  const bytes = await archive.corrections(stream).getDocument(certificateName(id));
  return bytes === null ? null : (JSON.parse(new TextDecoder().decode(bytes)) as RedactionCertificate);
}

/** The certificate of a redaction of one of these streams; null: there is no such redaction, or it is not finished. */
export async function findCertificate(
  archive: Pick<ColumnArchive, 'corrections'>,
  streams: readonly string[],
  id: string,
): Promise<RedactionCertificate | null> {
  for (const stream of streams) {
    const list = await archive.corrections(stream).list();
    if (list.find((each) => each.id === id)?.kind === 'redact') return loadCertificate(archive, { id, stream });
  }
  return null;
}

/** Written once; of two that finish at once the first one's stands. */
export async function writeCertificate(
  correction: StoredCorrection,
  { facts, places: cleaned }: CleanedUp,
  repeats: ErasedRepeats | null,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<RedactionCertificate> {
  const { archive, clock } = ports;
  const { id, stream, asked, reason, ticket, author, approver, plannedAt, cut, targets } = correction;
  const row = await mustRead(ports, signal);
  const made = row.releases.find(({ number }) => number === row.redactions?.[stream]?.release);
  const { number, id: release } = made ?? releaseOf(row, row.live) ?? liveRelease(row);
  const places = inEachOnce([
    ...[...archivePlaces(correction), ...cleaned],
    ...(repeats === null ? [] : [...repeats.places, repeatsPlace(repeats)]),
  ]);
  const certificate: RedactionCertificate = {
    ...{ format: 1, correction: id, stream, asked, reason, ticket, author, approver, plannedAt },
    ...{ finishedAt: clock.now(), cut, targets: targets ?? { count: 0, sha256: '' }, release: { number, id: release } },
    ...{ counts: facts, places },
    ...(repeats === null ? {} : { looked: repeats.looked }),
    goneBy: latestOf(places),
    beyond: [
      ...(ports.sources === undefined ? ['the log: nobody looked after it'] : []),
      'backups and snapshots of disks, and whatever read events, answers or alarms before and keeps them',
      'log lines that services printed',
    ],
  };
  const bytes = new TextEncoder().encode(JSON.stringify(certificate));
  await patiently(clock, () => archive.corrections(stream).putDocument(certificateName(id), bytes), signal);
  const stored = await patiently(clock, () => loadCertificate(archive, correction), signal);
  if (stored !== null) return stored;
  throw new CorrectionError(
    'REDACTION_UNFINISHED',
    `The certificate of redaction ${id} could not be read back; repeat the apply.`,
  );
}

/** What was made of rows was erased in places of its own, and in some that are the same: of these the later day holds. */
function inEachOnce(places: readonly ErasedPlace[]): ErasedPlace[] {
  const found = new Map<string, ErasedPlace>();
  for (const each of places) {
    const known = found.get(each.place);
    if (known === undefined || latestOf([known, each]) !== known.goneBy) found.set(each.place, each);
  }
  return [...found.values()];
}

function repeatsPlace({ looked: { stream, at, below } }: ErasedRepeats): ErasedPlace {
  return {
    place: `repetitions in ${stream}`,
    goneBy: null,
    how: `looked for up to ${new Date(at).toISOString()} and below ${below.join(' ')} by partition; none is left there. An operator that was replaced, and has stood still since before the plan, may still append what it had in hand: one append, which never counts. The same apply looks again, and erases it; twofold scan finds it`,
  };
}

function latestOf(places: readonly ErasedPlace[]): ErasedPlace['goneBy'] {
  const days = places.flatMap(({ goneBy }) => goneBy ?? []);
  if (days.includes('NEVER')) return 'NEVER';
  return days.length === 0 ? null : Math.max(...days.map(Number));
}

function archivePlaces({ erases, stream }: StoredCorrection): ErasedPlace[] {
  const rows = erases?.added.length ?? 0;
  const links = erases?.links.length ?? 0;
  return [
    {
      place: `archive of ${stream}`,
      goneBy: null,
      how: 'every file with a target was written anew without it, and the old ones removed; the manifests, which hold no event, name both, and the chain of their hashes goes on',
    },
    {
      place: `corrections of ${stream}`,
      goneBy: null,
      how: `${rows} files of added rows were written anew; plans, differences and rows from before were removed; ${links} earlier corrections lost their words, and this one names the hash of each before and after`,
    },
  ];
}

function certificateName(id: string): string {
  return `certificate-${id}.json`;
}
