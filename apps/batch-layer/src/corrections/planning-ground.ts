import { versionState, type ArchiveState } from '@twofold/archive';
import type { ControlRow } from '@twofold/releases';
import type { Stream } from '@twofold/schemas';
import type { View } from '@twofold/views';
import { BatchError } from '../errors.ts';
import type { BatchPorts } from '../ports.ts';
import { requireDeclared } from './retire-views.ts';

/** What a plan is made from: the archive and the live release as they are at one moment. */
export interface PlanningGround {
  readonly stream: Stream;
  /** Views of the stream. */
  readonly views: readonly View[];
  readonly row: ControlRow;
  readonly state: ArchiveState;
  /** Corrections that were ever appended to the stream's chain, in force or not. */
  readonly links: number;
}

/** The stream's views, the control row and the archive's head, as they are now. */
export async function readGround(
  stream: Stream,
  views: readonly View[],
  row: ControlRow,
  archive: Pick<BatchPorts['archive'], 'head' | 'fingerprintOf' | 'corrections'>,
): Promise<PlanningGround> {
  if (row.streams[stream.name] === undefined)
    throw new BatchError('NOT_REGISTERED', `stream ${stream.name} is not registered yet; run a first recompute`);
  const mine = views.filter((view) => view.stream.name === stream.name);
  requireDeclared(row, mine, stream.name);
  // Before anything is looked for: what is appended later was not looked at.
  const links = (await archive.corrections(stream.name).list()).length;
  return { stream, views: mine, row, state: await versionState(stream, archive), links };
}
