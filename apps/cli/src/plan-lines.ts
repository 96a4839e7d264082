import {
  firstAddedSource,
  type CorrectionPlan,
  type PlannedErasure,
  type RedactionCertificate,
  type ReleaseDiff,
  type ShownEvent,
  type TakenBackCounts,
  type ViewDiff,
} from '@twofold/corrections';
import { iso, table } from './output.ts';

/** A plan as people read it. */
export function planLines(plan: CorrectionPlan): string[] {
  const { id, kind, stream, asked, reason, author, approver, ticket, idempotencyKey } = plan;
  const { erased } = countsOf(plan);
  return [
    `plan ${id}: ${kind} of stream ${stream}`,
    `  asked      ${asked}`,
    `  because    ${reason} (${author}${approver === null ? '' : `, approved by ${approver}`}${ticket === null ? '' : `, ${ticket}`})`,
    ...(plan.erases === undefined ? [] : erasureLines(plan, plan.erases)),
    `  hits       ${hitText(plan)}, found among ${plan.recordsRead} records${comesText(plan)}`,
    ...(erased === 0 ? [] : [`  erased     ${erased} more, which a redaction erased and nothing brings back`]),
    `  below      ${plan.cut.join(' ')} (by partition)`,
    `  on top of  ${plan.base.join(', ') || 'no correction'}`,
    `  key        ${idempotencyKey}`,
    `  as shown   ${plan.fingerprint}`,
    '',
    ...table([
      ['view', 'keys', 'panes', 'parts made anew', 'parts shared', 'records to read', 'rows to write'],
      ...plan.effects.map((effect) => [
        effect.view,
        ...[effect.keys, effect.panes, effect.partsToBuild, effect.partsShared].map(String),
        ...[effect.recordsToRead, effect.rowsToWrite].map(String),
      ]),
    ]),
    ...plan.effects.flatMap(({ view, why }) => (why === undefined ? [] : [`${view}: ${why}`])),
    ...(plan.conflicts ?? []).map(
      ({ plan: other, kind, author, plannedAt, sharedEvents }) =>
        `beside it there is plan ${other} (${kind}, ${author}, ${iso(plannedAt)}) of ${sharedEvents} of the same events: whichever is applied first, the other has to be planned again`,
    ),
    ...firstOf(plan.kind === 'restate' ? 'of them' : 'of those that go', plan.sample),
    ...firstOf(
      plan.takesBack === undefined ? 'rows that are added' : 'of those that come back',
      plan.sampleAdded ?? [],
    ),
    ...(plan.collisions.length === 0
      ? []
      : [
          '',
          `rows whose id an event has that stays: ${plan.collisions.slice(0, 5).join(', ')} (${plan.collisions.length})`,
        ]),
  ];
}

function countsOf({ targets, rows, takesBack }: CorrectionPlan): TakenBackCounts {
  return takesBack ?? { goes: targets?.count ?? 0, comes: rows?.count ?? 0, erased: 0 };
}

function hitText(plan: CorrectionPlan): string {
  const all = `the ${plan.countedEvents} events that count`;
  // What is restated counts as before.
  return plan.kind === 'restate'
    ? `none of ${all}: they are folded again as they are`
    : `${countsOf(plan).goes} of ${all}`;
}

function comesText(plan: CorrectionPlan): string {
  const { comes } = countsOf(plan);
  if (comes === 0) return '';
  return plan.rows === null ? `, and ${comes} come back` : `, and adds ${comes} rows`;
}

function firstOf(what: string, events: readonly ShownEvent[]): string[] {
  return events.length === 0 ? [] : ['', `the first ${what}:`, ...events.map(eventLine)];
}

/** What goes for good, and what else it is in. */
function erasureLines({ targets, stream }: CorrectionPlan, erases: PlannedErasure): string[] {
  const { counts, links, added, touches, rows: upserted, derived } = erases;
  const { applied, duplicate, rejected, added: rows } = counts;
  return [
    `  erases     ${targets?.count ?? 0} records for good: ${applied} events, ${duplicate} duplicates of them, ${rows} rows of earlier corrections, and every rejected record (${rejected}), since nobody can tell of whom it speaks`,
    ...(upserted === undefined
      ? []
      : [
          `  rows       ${upserted} rows of stream ${stream}, each with all its restatements, whichever of them was selected${derived === undefined ? '' : `; with them ${derived.changes} records of change stream ${derived.stream} (plan ${derived.plan}, applied with this one)`}; what its operator keeps of them is a keyed hash and the last revision`,
        ]),
    `  touches    ${touches.archiveFiles} archive files and ${added.length} of added rows; ${touches.releases} releases and ${touches.candidates} candidates, of which none is left but the one that is made; speed rows and dead letters below the cut; ${touches.documents} plans, differences and rows of earlier corrections, and the words of ${links.length} of them; messages of failed runs; the log's segments; the store's free pages`,
    `  after it   no rollback goes back past it, and nothing takes it back`,
  ];
}

/** A certificate as people read it. */
export function certificateLines(certificate: RedactionCertificate): string[] {
  const { correction, stream, asked, targets, release, places, goneBy, beyond, counts, finishedAt } = certificate;
  return [
    `redaction ${correction} of stream ${stream} was finished at ${iso(finishedAt)}`,
    `  asked      ${asked}`,
    `  because    ${certificate.reason} (${certificate.author}, approved by ${certificate.approver ?? '-'}${certificate.ticket === null ? '' : `, ${certificate.ticket}`})`,
    `  erased     ${targets.count} records below ${certificate.cut.join(' ')}; the oldest release is ${release.number} (${release.id})`,
    `  last run   ${Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
    ...places.map((each) => `  ${each.place}: ${goneText(each.goneBy)}; ${each.how}`),
    `  the last copy is gone ${goneBy === null ? 'now' : goneText(goneBy)}, but for ${beyond.join('; ')}`,
  ];
}

function goneText(goneBy: RedactionCertificate['goneBy']): string {
  return goneBy === null ? 'gone' : goneBy === 'NEVER' ? 'never by itself' : `by ${iso(goneBy)}`;
}

function eventLine({ source, offset, eventTime, fields }: ShownEvent): string {
  const place =
    source === null
      ? `row ${offset + 1}`
      : source >= firstAddedSource
        ? `row ${offset} of correction ${source - firstAddedSource}`
        : `${source}:${offset}`;
  return `  ${place}  ${iso(eventTime)}  ${JSON.stringify(fields)}`;
}

/** Movers that people are shown. */
const SHOWN = 8;

/** Why a number is another one, as people read it. */
const causes: Readonly<Record<ViewDiff['cause'], string>> = {
  CORRECTION: 'correction',
  LATE_DATA: 'late data',
  CODE_CHANGE: 'code change',
  ROLLBACK: 'rollback',
};

export function diffLines(diff: ReleaseDiff): string[] {
  const by = diff.correction === null ? '' : ` by correction ${diff.correction}`;
  return [
    diff.release === null
      ? `what was built${by} and not promoted would change, beside release ${diff.base}:`
      : `release ${diff.release} changed${by}, beside release ${diff.base}:`,
    '',
    ...table([
      ['view', 'because of', 'rows', 'changed', 'come', 'gone', 'keys come', 'keys gone', 'largest change'],
      ...diff.views.map((view) => [
        view.view,
        causes[view.cause],
        ...[
          view.rowsCompared,
          view.rowsChanged,
          view.rowsAdded,
          view.rowsRemoved,
          view.keysAdded,
          view.keysRemoved,
        ].map(String),
        view.incomparable ?? largest(view),
      ]),
    ]),
    ...(diff.views.some(({ keysAdded, keysRemoved }) => keysAdded + keysRemoved > 0)
      ? ['Keys come and go in changed stretches of time: elsewhere they may be on both sides.']
      : []),
    ...diff.views.flatMap(bucketLines),
    ...diff.views.flatMap(moverLines),
    ...(diff.gates.length === 0 ? [] : ['']),
    ...diff.gates.map(
      ({ gate, passed, severity, detail }) => `gate ${gate}: ${passed ? 'passed' : severity}, ${detail}`,
    ),
  ];
}

function largest({ measures }: ViewDiff): string {
  const by = measures.filter(({ largestRelative }) => largestRelative !== null);
  const most = by.sort((a, b) => (b.largestRelative ?? 0) - (a.largestRelative ?? 0))[0];
  return most === undefined ? '-' : `${most.measure} ${percent(most.largestRelative ?? 0)}`;
}

/** Where more than one stretch of time is changed: each of the first. */
function bucketLines({ view, cause, buckets }: ViewDiff): string[] {
  if (buckets.length < 2) return [];
  const rows = buckets.slice(0, SHOWN).map(({ from, rows: many, keysAdded, keysRemoved, measures }) => {
    const largest = measures.map(({ largestRelative }) => largestRelative ?? 0);
    return [iso(from), ...[many, keysAdded, keysRemoved].map(String), percent(Math.max(0, ...largest))];
  });
  const more = buckets.length > SHOWN ? [`  and ${buckets.length - SHOWN} stretches more (--json)`] : [];
  return [
    '',
    `${view}, what ${causes[cause]} changed by stretch of time:`,
    ...table([['from', 'rows', 'keys come', 'keys gone', 'largest change'], ...rows]).map((line) => `  ${line}`),
    ...more,
  ];
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function moverLines({ view, cause, movers }: ViewDiff): string[] {
  if (movers.length === 0) return [];
  const lines = movers.slice(0, SHOWN).map(({ key, windowStart, before, after }) => {
    const values = (row: typeof before): string => (row === null ? 'no row' : JSON.stringify(row));
    return `  ${key.map(String).join(', ') || '(all)'}  ${iso(windowStart)}  ${values(before)} → ${values(after)}`;
  });
  return ['', `${view}, what ${causes[cause]} moved most:`, ...lines];
}
