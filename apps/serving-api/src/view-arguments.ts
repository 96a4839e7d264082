import type { CalendarGrain, View } from '@twofold/views';
import { queryHash } from './cursor.ts';
import { ReadError } from './errors.ts';
import { selectKeys, type KeyArgument } from './key-argument.ts';
import type { RowOrder } from './order-rows.ts';
import type { LayerSelection, ReadRequest } from './read-request.ts';
import { durationMs, instantMs } from './scalars.ts';

/** A view's arguments as GraphQL gives them: of the right types, and defaults filled in. */
export interface ViewArguments {
  readonly key?: KeyArgument | null;
  readonly timeRange: { readonly from: string; readonly to: string };
  /** Milliseconds or a calendar's: the value of the enumeration. */
  readonly grain?: number | CalendarGrain | null;
  readonly zone?: string | null;
  readonly orderBy?: readonly { readonly field: string; readonly direction: 'ASC' | 'DESC' }[] | null;
  readonly first?: number | null;
  readonly after?: string | null;
  readonly layer?: LayerSelection | null;
  readonly consistency?: 'LATEST' | 'SNAPSHOT' | null;
  readonly maxStaleness?: string | null;
}

/** The arguments, checked. */
export interface CheckedArguments {
  /** Reads the latest of live; a cursor changes what. */
  readonly request: ReadRequest;
  readonly orderBy: readonly RowOrder[];
  readonly snapshot: boolean;
  readonly first: number;
  readonly after: string | null;
  readonly maxStalenessMs: number | null;
  /** A name for everything but the page: what a cursor is good for. */
  readonly query: string;
}

export const FIRST_DEFAULT = 100;
export const FIRST_MAX = 10_000;

/** Windows of a zone's calendar; the hours and days of UTC are fixed widths, which more views have panes for. */
function grainOf(view: View, { grain = null, zone = null }: ViewArguments): Pick<ReadRequest, 'grainMs' | 'calendar'> {
  const own = view.window.kind === 'calendar' ? view.window : null;
  if (grain === null && zone === null) return { grainMs: null, calendar: null };
  if (typeof grain === 'number' || (grain === null && own === null)) {
    if (zone === null) return { grainMs: grain, calendar: null };
    const which = grain === null ? 'a grain: HOUR, DAY, WEEK, MONTH, QUARTER or YEAR' : 'a grain of an HOUR or more';
    throw new ReadError('GRAIN_NOT_EXPRESSIBLE', `zone: goes with ${which}`);
  }
  const calendar = { grain: grain ?? own?.grain ?? 'day', zone: zone ?? own?.zone ?? 'UTC' };
  const fixed = calendar.zone === 'UTC' && view.window.kind !== 'session' ? FIXED_MS.get(calendar.grain) : undefined;
  return fixed === undefined ? { grainMs: null, calendar } : { grainMs: fixed, calendar: null };
}

const FIXED_MS: ReadonlyMap<CalendarGrain, number> = new Map([
  ['hour', 3_600_000],
  ['day', 86_400_000],
]);

/** Throws RANGE_INVALID, KEY_INVALID, TOO_MANY_ROWS, GRAIN_NOT_EXPRESSIBLE. */
export function checkArguments(view: View, args: ViewArguments, signal: AbortSignal | undefined): CheckedArguments {
  const { timeRange, layer, consistency, after = null } = args;
  const grain = grainOf(view, args);
  const first = args.first ?? FIRST_DEFAULT;
  if (first < 0 || first > FIRST_MAX)
    throw new ReadError('RANGE_INVALID', `first: ${first} is not between 0 and ${FIRST_MAX}; read on with after`);
  const orderBy = (args.orderBy ?? []).map(({ field, direction }) => ({ by: field, descending: direction === 'DESC' }));
  const from = instantMs(timeRange.from) ?? NaN;
  const to = instantMs(timeRange.to) ?? NaN;
  const { keys, accepts } = selectKeys(view, args.key);
  // Rows that move while pages are read would be given twice or never: what is ordered is a snapshot.
  const snapshot = consistency === 'SNAPSHOT' || orderBy.length > 0;
  return {
    request: {
      view,
      layer: layer ?? 'MERGED',
      keys,
      accepts,
      from,
      to,
      ...grain,
      release: null,
      positions: null,
      ...(signal === undefined ? {} : { signal }),
    },
    orderBy,
    snapshot,
    first,
    after,
    maxStalenessMs: args.maxStaleness == null ? null : durationMs(args.maxStaleness),
    // Few answers are cut into pages: the name is made when it is asked for.
    get query() {
      return queryHash([view.name, view.version, args.key ?? null, from, to, grain, orderBy, layer, snapshot]);
    },
  };
}
