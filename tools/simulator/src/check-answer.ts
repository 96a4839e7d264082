import type { MergedPanes, ReadRequest } from '@twofold/serving-api';
import { decodeKey } from '@twofold/views';
import { differenceOf, panesOfChunk } from './compare-panes.ts';
import type { Observer } from './observer.ts';
import type { Truth } from './truth.ts';

/**
 * X1: an answer against the oracle. A snapshot and a batch answer end exactly at their claims; the latest answer has
 * every event below its claims exactly once, and of those above none twice.
 */
export function checkAnswer(request: ReadRequest, answer: MergedPanes, truth: Truth, observer: Observer): void {
  const { view, layer } = request;
  const about = (): string =>
    `${view.name}@${view.version} ${layer} release ${answer.release.number} (${answer.release.id}), entry ${answer.entry.id}, cut ${answer.partitions.map((p) => p.cut).join(',')}, claims ${answer.partitions.map((p) => p.claim).join(',')}${request.positions === null ? '' : ', snapshot'}`;
  if (answer.release.entries[view.name] !== answer.entry.id)
    observer.fail('X4', `${about()}: the entry is not the release's`);
  const bounds = answer.partitions.map(({ cut, claim }) => ({ from: layer === 'SPEED' ? cut : 0, to: claim }));
  for (const [partition, { cut, claim }] of answer.partitions.entries())
    if (claim < cut || claim > truth.partition(view.stream.name, partition).end)
      observer.fail('X1', `${about()}: partition ${partition} claims ${claim}`);
  const found = panesOfChunk(view, answer.panes.toChunk().bytes);
  const { widthMs } = answer.plan;
  const expected = truth.panes(view, widthMs, bounds);
  keepKeys(expected, request);
  const whole = bounds.every(({ to }, partition) => to >= truth.partition(view.stream.name, partition).end);
  if (layer === 'BATCH' || request.positions !== null || whole) {
    const difference = differenceOf(expected, found);
    if (difference !== null) observer.fail('X1', `${about()}: ${difference}`);
    return;
  }
  const most = truth.panes(
    view,
    widthMs,
    bounds.map(({ from }) => ({ from, to: Infinity })),
  );
  keepKeys(most, request);
  for (const [id, { components }] of expected) {
    const rows = found.get(id)?.[0] ?? 0n;
    if (rows === null || rows < (components[0] ?? 0n))
      observer.fail('X1', `${about()}: ${id} counts ${rows}, and ${components[0]} are below the claims`);
  }
  for (const [id, [rows]] of found) {
    const highest = most.get(id)?.components[0] ?? 0n;
    if (rows === undefined || rows === null || highest === null || rows > highest)
      observer.fail('X1', `${about()}: ${id} counts ${rows}, and the log holds ${highest}`);
  }
}

function keepKeys(panes: Map<string, { readonly bucket: number }>, request: ReadRequest): void {
  if (request.keys === null) return;
  const wanted = new Set(request.keys.map((key) => JSON.stringify(decodeKey(request.view, key))));
  for (const id of panes.keys()) if (!wanted.has(id.slice(0, id.lastIndexOf(' ')))) panes.delete(id);
}
