import { describe, expect, it } from 'vitest';
import { tableText, zonesOfRuntime } from '@twofold/zone-table';

describe('the tables', () => {
  it('have the first offset of a zone, and each change to the half minute', () => {
    const [berlin, kolkata] = zonesOfRuntime(['Europe/Berlin', 'Asia/Kolkata'], Date.UTC(1981, 0, 1));
    expect(berlin).toEqual({
      name: 'Europe/Berlin',
      first: 3_600_000,
      changes: [
        { at: Date.UTC(1980, 3, 6, 1), offset: 7_200_000 },
        { at: Date.UTC(1980, 8, 28, 1), offset: 3_600_000 },
      ],
    });
    expect(kolkata).toEqual({ name: 'Asia/Kolkata', first: 19_800_000, changes: [] });
  });

  it('have one line for zones that never differ', () => {
    const at = 3_600_000;
    const changes = [
      { at, offset: 7_200_000 },
      { at: 2 * at, offset: -30_000 },
    ];
    const zone = (name: string) => ({ name, first: 0, changes });
    expect(tableText([zone('A'), { name: 'B', first: 60_000, changes: [] }, zone('C')])).toBe('A,C 0 3c 6o 3c -1\nB 2');
  });
});
