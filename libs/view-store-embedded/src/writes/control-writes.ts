import type { DatabaseSync } from 'node:sqlite';
import { rowChecksum } from '../row-checksum.ts';

export interface ControlWrites {
  create(sequence: number, body: string): boolean;
  compareAndSet(sequence: number, body: string): boolean;
}

export function controlWrites(db: DatabaseSync, project: string): ControlWrites {
  const insert = db.prepare(
    'INSERT INTO control (project, sequence, crc, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const update = db.prepare('UPDATE control SET sequence = ?, crc = ?, body = ? WHERE project = ? AND sequence = ?');
  return {
    create: (sequence, body) => insert.run(project, sequence, rowChecksum([sequence], body), body).changes > 0,
    compareAndSet: (sequence, body) =>
      update.run(sequence, rowChecksum([sequence], body), body, project, sequence - 1).changes > 0,
  };
}
