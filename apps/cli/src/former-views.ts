import { keptView, type BatchPorts } from '@twofold/batch-layer';
import { foldedEntries } from '@twofold/releases';
import type { ViewStore } from '@twofold/view-store';
import type { Project, View } from '@twofold/views';

/**
 * Views of this project in versions that it does not declare and that releases still name: they are folded and served
 * until their new versions are promoted, and for as long as a rollback could bring them back (E0, E17). They are read from
 * beside the archive. One that was never built, or has a reducer, is not kept there: nobody but its own program knows it.
 */
export async function formerViews(
  project: Project,
  ports: { readonly archive: Pick<BatchPorts['archive'], 'corrections'>; readonly store: Pick<ViewStore, 'control'> },
): Promise<readonly View[]> {
  const row = await ports.store.control.read();
  if (row === null) return [];
  const found = new Map<string, View>();
  for (const entry of foldedEntries(row)) {
    const declared = project.views.find(({ name }) => name === entry.view);
    if (declared === undefined || declared.version === entry.version || found.has(entry.fingerprint)) continue;
    const kept = await keptView(ports.archive, entry);
    if (kept !== null && kept.stream.name === declared.stream.name) found.set(entry.fingerprint, kept);
  }
  return [...found.values()];
}
