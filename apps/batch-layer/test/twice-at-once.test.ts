import type { ColumnArchive } from '@twofold/archive';
import { isTwofoldError } from '@twofold/schemas';
import { expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import { request, S1_IN_MINUTES_10_TO_20, start } from './correcting.ts';
import { never, project, readings } from './sample.ts';

/** The same archive, in which something happens just before the nth look at the corrections. */
function beforeLook(archive: ColumnArchive, nth: number, happens: () => Promise<unknown>) {
  let looks = 0;
  const corrections: ColumnArchive['corrections'] = (stream) => {
    const shelf = archive.corrections(stream);
    return Object.assign(Object.create(shelf) as typeof shelf, {
      list: async () => {
        if (++looks === nth) await happens();
        return shelf.list();
      },
    });
  };
  return {
    archive: Object.assign(Object.create(archive) as ColumnArchive, { corrections }),
    happened: () => looks >= nth,
  };
}

/** What two may be told that do the same at once. */
const IN_THE_WAY: ReadonlySet<string> = new Set(['PLAN_CHANGED', 'CANDIDATE_REFUSED', 'REDACTING', 'CONTROL_BUSY']);

test.each(['retract', 'redact'] as const)(
  'E20: a %s that is applied twice at once is one correction, wherever the other one comes between',
  async (kind) => {
    for (let nth = 1; ; nth++) {
      const { world, layer } = await start(200);
      const agreed = kind === 'redact' ? { approver: 'bob', reason: 'ticket 12' } : {};
      const { id, fingerprint } = await layer.corrections.plan(request(kind, S1_IN_MINUTES_10_TO_20, agreed), never);
      const options = { fingerprint, gates: [], preview: false };
      const { archive, happened } = beforeLook(world.archive, nth, () => layer.corrections.apply(id, options, never));
      const other = new BatchLayer(project(), { ...world.ports, archive });
      await other.corrections.apply(id, options, never).catch((error: unknown) => {
        if (!isTwofoldError(error) || !IN_THE_WAY.has(String(error.code))) throw error;
      });
      expect((await world.archive.corrections(readings.name).list()).length).toBe(1);
      if (!happened()) break;
      expect(nth).toBeLessThan(100);
    }
  },
);
