import { exampleQuery } from './example-queries.ts';
import { sampleOf } from './sample-key.ts';
import type { Serving } from './serving-context.ts';

/** GraphiQL, all of it in one page (no network but the API's), with a tab of a working query for each view. */
export async function graphiqlPage(serving: Serving): Promise<string> {
  const queries = await Promise.all(
    serving.views.map(async (view) => {
      const sample = await sampleOf(view, serving.store).catch(() => ({ key: null, newest: null }));
      return exampleQuery(view, sample.newest ?? serving.clock.now(), sample.key);
    }),
  );
  queries.push(CATALOGUE);
  // What stands in the page's script must not be able to end it.
  const tabs = queries.map((query) => ({ query: query.replaceAll('<', '\\u003c') }));
  // Nine megabytes of text, of which a service that is asked by programs only needs none.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  return renderGraphiQL({ title: 'Twofold', endpoint: '/graphql', defaultTabs: tabs, maxHistoryLength: 50 });
}

const CATALOGUE = `# What there is: views and how fresh they are,
# the live release, the latest runs, rejected records.
query catalogue {
  views {
    name description window every
    freshness { health lag because }
  }
  release { id number sequence }
  runs(first: 5) {
    job state startedAt endedAt
    error { code message }
  }
  streams {
    name
    ledger { partition position applied duplicate rejected }
    deadLetters(first: 3) { partition offset code detail }
  }
}
`;
