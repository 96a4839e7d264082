import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { suiteReport, type SuiteGroup } from './suite-verdicts.ts';

/** Folder of data sets that are too large to keep here. */
const dataSets = process.env['TWOFOLD_DATA_SETS'];
const suites = ['draft2020-12', 'draft7'].map((draft) => ({
  draft,
  file: path.join(dataSets ?? '.', 'json-schema-suite', `${draft}.json.gz`),
}));

describe('a JSON Schema that is imported', () => {
  it('accepts just what the official suite says, in the groups kept here', () => {
    const kept = readFileSync(path.join(import.meta.dirname, 'data/json-schema-suite.json'), 'utf8');
    const report = suiteReport(JSON.parse(kept) as SuiteGroup[]);
    expect(report.differences).toEqual([]);
    expect([report.imported, report.tests]).toMatchInlineSnapshot(`
      [
        51,
        142,
      ]
    `);
  });

  for (const { draft, file } of suites) {
    const there = dataSets !== undefined && existsSync(file);
    const reason = there ? '' : ' (skipped: TWOFOLD_DATA_SETS names no folder with the suite)';
    it.skipIf(!there)(`accepts just what the suite says, or is refused, in all of ${draft}${reason}`, () => {
      const files = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Record<string, SuiteGroup[]>;
      const report = suiteReport(Object.values(files).flat());
      expect(report.differences).toEqual([]);
      expect(report.imported).toBeGreaterThan(50);
      const refused = [...report.refused].sort((a, b) => b[1] - a[1]).map(([keyword, count]) => `${keyword} ${count}`);
      console.log(`${draft}: ${report.imported} forms imported, ${report.tests} tests; refused: ${refused.join(', ')}`);
    });
  }
});
