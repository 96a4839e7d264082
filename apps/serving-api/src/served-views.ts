import { entryOf, liveRelease, type ControlRow } from '@twofold/releases';
import type { View } from '@twofold/views';
import type { ApiAnswer, ApiCall } from './create-api.ts';

/** Answers one request that came as JSON. */
export type Api = (call: ApiCall) => Promise<ApiAnswer>;

/**
 * The views as the live release has them: one whose new version has no build yet is served by its former version, which
 * is live until the new one is promoted (E0), and again after a rollback (E17).
 */
export function servedViews(views: readonly View[], former: readonly View[], row: ControlRow | null): readonly View[] {
  if (row === null) return views;
  const release = liveRelease(row);
  return views.map((view) => {
    const entry = entryOf(row, release, view.name);
    if (entry === null || entry.version === view.version) return view;
    return former.find(({ name, fingerprint }) => name === view.name && fingerprint === entry.fingerprint) ?? view;
  });
}

/** Each request is answered with the schema of the views that are served then; every such schema is made once. */
export function apiOfServed(
  { views, former }: { readonly views: readonly View[]; readonly former: readonly View[] },
  read: () => Promise<ControlRow | null>,
  make: (views: readonly View[]) => Api,
): Api {
  const current = make(views);
  if (former.length === 0) return current;
  const made = new Map([[nameOf(views), current]]);
  return async (call) => {
    const served = servedViews(views, former, await read());
    const name = nameOf(served);
    const api = made.get(name) ?? make(served);
    made.set(name, api);
    return api(call);
  };
}

function nameOf(views: readonly View[]): string {
  return views.map(({ fingerprint }) => fingerprint).join();
}
