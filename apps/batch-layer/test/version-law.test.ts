import { decimal, instant, stream, text, type Stream } from '@twofold/schemas';
import { count, max, tumbling, view, type View } from '@twofold/views';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BATCH_DEFAULTS, BatchLayer } from '../src/batch-layer.ts';
import { correct, request, rows } from './correcting.ts';
import * as sample from './sample.ts';
import { contentOf, control, event, events, liveEntry, never, START, TOPIC, type World } from './sample.ts';

type Sent = ReturnType<typeof events>;

/** What happens, in whatever order; `steps`: so many files or manifests are begun before the process is killed. */
type Happening =
  | { readonly what: 'SEND'; readonly many: number; readonly seed: number }
  | { readonly what: 'ARCHIVE'; readonly version: 1 | 2; readonly steps: number }
  | { readonly what: 'RUN'; readonly steps: number }
  | { readonly what: 'ADD'; readonly value: number };

const fields = { sensor: text().maxLength(16), at: instant('ms'), value: decimal(2).between(-1000, 1000) };
const declared = {
  ...({ fields, id: ['sensor', 'at'], eventTime: 'at', partitionKey: 'sensor', skew: null } as const),
  ...{ dedupeHorizon: sample.HORIZON, sliceSize: sample.SLICE },
};
const first = stream('readings', declared);
/** Fewer copies are duplicates, fewer values are accepted, and there is a field more. */
const second = stream('readings', {
  ...declared,
  version: 2,
  dedupeHorizon: 5,
  fields: { ...fields, value: decimal(2).between(0, 6), note: text().optional() },
});

function viewOf(from: Stream): View {
  return view('perSensor', {
    from: from as typeof first,
    version: from.version,
    dimensions: (e) => ({ sensor: e.sensor }),
    window: tumbling('1m'),
    measures: (e) => ({ readings: count(), most: max(e.value) }),
    levels: { '1m': 'forever' },
    serve: [{ key: ['sensor'] }],
  });
}

function layerOf(of: Stream, { ports }: Pick<World, 'ports'>): BatchLayer {
  const project = { id: 'p', streams: [{ stream: of, topic: TOPIC }], views: [viewOf(of)] };
  return new BatchLayer(project, ports, { ...BATCH_DEFAULTS, archive: { fileRecords: 16, readBytes: 1 << 14 } });
}

/** The same world for a process that is killed when it begins one file or manifest more than these. */
function dying(world: World, steps: number): { readonly world: World; readonly signal: AbortSignal } {
  const stop = new AbortController();
  const { archive } = world.ports;
  let left = steps;
  const step = (): void => {
    if (left-- <= 0) stop.abort(new Error('killed'));
  };
  const counting = {
    ...archive,
    create: (...of: Parameters<typeof archive.create>) => {
      step();
      return archive.create(...of);
    },
    commit: (...of: Parameters<typeof archive.commit>) => {
      step();
      return archive.commit(...of);
    },
  };
  return { world: { ...world, ports: { ...world.ports, archive: counting } }, signal: stop.signal };
}

async function worldOf(sent: Sent): Promise<World> {
  const world = sample.surroundings();
  await world.log.ensureTopic(TOPIC, { partitions: 1 });
  await world.log.append(TOPIC, sent);
  return world;
}

async function contentBy(of: Stream, world: World): Promise<readonly string[]> {
  await layerOf(of, world).recompute([viewOf(of)], never);
  return contentOf(world.store, (await liveEntry(world.store)).build);
}

/** Lets it happen, and gives what was sent and what was added. */
async function happen(world: World, happenings: readonly Happening[]): Promise<{ sent: Sent; added: Sent }> {
  const [sent, added]: [Sent, Sent] = [[], []];
  for (const [at, each] of happenings.entries()) {
    if (each.what === 'SEND') {
      const more = events(each.many, each.seed, START + (at + 1) * 900_000);
      await world.log.append(TOPIC, more);
      sent.push(...more);
    } else if (each.what === 'ADD') {
      const row = event(`added-${at}`, START + at * 1_000, each.value);
      const live = (await liveEntry(world.store)).version === 1 ? first : second;
      const asked = request('add', {}, { rows: rows(row), idempotencyKey: `added ${at}` });
      // The stream may have a newer version than what is live: then nobody adds to the old one any more.
      const isNewest = (await control(world.store)).streams['readings']?.fingerprint === live.fingerprint;
      if (!isNewest || (live === second && each.value > 6)) continue;
      await correct(layerOf(live, world), asked);
      added.push(row);
    } else {
      const { world: doomed, signal } = dying(world, each.steps);
      const of = each.what === 'ARCHIVE' && each.version === 1 ? first : second;
      const layer = layerOf(of, doomed);
      const work = each.what === 'ARCHIVE' ? layer.archiveAll(signal) : layer.recompute([viewOf(of)], signal);
      await work.catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }
  return { sent, added };
}

const steps = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constant(1_000));
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    what: fc.constant('SEND' as const),
    many: fc.integer({ min: 1, max: 60 }),
    seed: fc.integer({ min: 1, max: 99 }),
  }),
  fc.record({ what: fc.constant('ARCHIVE' as const), version: fc.constantFrom(1 as const, 2 as const), steps }),
  fc.record({ what: fc.constant('RUN' as const), steps }),
  fc.record({ what: fc.constant('ADD' as const), value: fc.integer({ min: 0, max: 9 }) }),
);

test('E9: in whatever order both versions archive, are killed, and rows are sent and added, the new one makes what it would have made from the start', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 99 }),
      fc.array(happening, { minLength: 1, maxLength: 8 }),
      async (seed, happenings) => {
        const before = events(60, seed);
        const world = await worldOf(before);
        await contentBy(first, world);
        const { sent, added } = await happen(world, happenings);
        const found = await contentBy(second, world);
        // Rows that a correction adds are the last of a log in which nobody corrected.
        expect(found).toEqual(await contentBy(second, await worldOf([...before, ...sent, ...added])));
        for (const chain of ['readings', `readings.${second.fingerprint}`])
          for await (const fault of world.ports.archive.verify(chain)) expect.fail(JSON.stringify(fault));
      },
    ),
    { numRuns: 60 },
  );
}, 120_000);
