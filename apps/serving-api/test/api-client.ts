import { systemClock } from '@twofold/service';
import { recordingLogger } from '@twofold/service/testing';
import { startServingApi, type ServingApi, type ServingOptions } from '../src/index.ts';
import { readings, T0, views, type Plant } from './plant.ts';

/** A row, or any other object of plain values. */
export type Row = Readonly<Record<string, unknown>>;

/** What the field of a view may give; tests select what they look at. */
export interface ViewAnswer {
  readonly nodes: readonly Row[];
  readonly edges: readonly { readonly cursor: string; readonly node: Row }[];
  readonly pageInfo: Row;
  readonly totals: Row;
  readonly provenance: Row;
  readonly freshness: Row;
}

export interface PlantData {
  readonly bySensor: ViewAnswer;
  readonly plantMinute: ViewAnswer;
  readonly views: readonly Row[];
}

export interface Reply {
  readonly status: number;
  readonly data: PlantData;
  readonly errors: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[];
}

export interface TestApi {
  readonly api: ServingApi;
  readonly logger: ReturnType<typeof recordingLogger>;
  readonly clock: { nowMs: number };
  query(query: string, variables?: object): Promise<Reply>;
  /** The code of the first error. */
  refusal(query: string, variables?: object): Promise<unknown>;
}

/** The API over a plant's store, with a wall clock that tests set. */
export async function startApi(plant: Plant, options: Partial<ServingOptions> = {}): Promise<TestApi> {
  const logger = recordingLogger();
  const clock = { nowMs: T0 };
  const api = await startServingApi({
    views,
    streams: [readings],
    store: plant.store,
    clock: { ...systemClock(), now: () => clock.nowMs },
    logger,
    host: '127.0.0.1',
    port: 0,
    cursorSecret: 'a secret of tests',
    ...options,
  });
  const query = async (text: string, variables: object = {}): Promise<Reply> => {
    const response = await fetch(`${api.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: text, variables }),
    });
    const { data, errors = [] } = (await response.json()) as { data: PlantData; errors?: Reply['errors'] };
    return { status: response.status, data, errors };
  };
  const refusal = async (text: string, variables?: object): Promise<unknown> =>
    (await query(text, variables)).errors[0]?.extensions?.['code'];
  return { api, logger, clock, query, refusal };
}
