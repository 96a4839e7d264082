import type { StoreError } from '@twofold/view-store';

/** Told of each WRITE_CONFLICT; null when writes are not compared. */
export type ReportConflict = ((error: StoreError) => void) | null;
