import { count, max, sum, tumbling, view, type View } from '@twofold/views';
import { requests, type RequestFields } from './request-events.ts';

/** A view, and the same over the archive's columns, as SQL. */
export interface DashboardView {
  readonly view: View;
  readonly sql: { readonly where: string; readonly key: readonly string[] };
  readonly paneMs: number;
}

type Dimension = 'device' | 'region' | 'kind' | 'status';

const BY: readonly (readonly Dimension[])[] = [
  ...[[], ['region'], ['kind'], ['status'], ['region', 'kind'], ['region', 'status'], ['kind', 'status']],
  ...[['region', 'kind', 'status'], ['device']],
] as const satisfies readonly (readonly Dimension[])[];

/** What the panels of a dashboard show: requests and errors, by one thing and another, by the hour; of devices, and two sums of it, by the day. */
export function dashboardViews(): DashboardView[] {
  return [false, true].flatMap((errors) => [
    ...BY.map((by) => panel(by, errors, by.includes('device') ? 'day' : 'hour')),
    panel(['region'], errors, 'day'),
  ]);
}

function panel(by: readonly Dimension[], errors: boolean, grain: 'hour' | 'day'): DashboardView {
  const words = [...by, grain].map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  const name = `${errors ? 'errors' : 'requests'}By${words.join('')}`;
  const width = grain === 'hour' ? '1h' : '1d';
  return {
    sql: { where: errors ? 'f_status = 500' : 'true', key: by.map((each) => `f_${each}`) },
    paneMs: grain === 'hour' ? 3_600_000 : 86_400_000,
    view: view(name, {
      from: requests,
      version: 1,
      ...(errors ? { where: isError } : {}),
      dimensions: (e: RequestFields) => Object.fromEntries(by.map((each) => [each, e[each]])),
      measures: (e: RequestFields) => ({ requests: count(), bytes: sum(e.bytes), slowest: max(e.took) }),
      window: tumbling(width),
      levels: { [width]: 'forever' as const },
      serve: [{ key: [] }],
    }),
  };
}

const isError = (e: RequestFields) => e.status.equals(500);
