/** Where snapshots lie: durable when `putIfAbsent` resolves, never changed, looked through only to take old ones away. */
export interface SnapshotBlobs {
  /** False: the name exists already, and its bytes are untouched. */
  putIfAbsent(name: string, bytes: Uint8Array): Promise<boolean>;
  get(name: string): Promise<Uint8Array | null>;
  /** Names of the blobs in a folder; none when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Fine when it is gone. */
  remove(name: string): Promise<void>;
}
