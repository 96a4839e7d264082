import type { Check } from './check.ts';
import { addresses } from './checks/addresses.ts';
import { documentClaims, documentMentions } from './checks/document-claims.ts';
import { exactVersions } from './checks/exact-versions.ts';
import { fileSize } from './checks/file-size.ts';
import { functionSize } from './checks/function-size.ts';
import { invariants } from './checks/invariants.ts';
import { licences } from './checks/licences.ts';
import { lockfile } from './checks/lockfile.ts';
import { references } from './checks/references.ts';
import { words } from './checks/words.ts';

/** All checks. `extraWords`: see `addresses`. */
export function checksOf(extraWords: readonly string[]): readonly Check[] {
  return [
    fileSize,
    functionSize,
    words,
    documentClaims,
    documentMentions,
    invariants,
    references,
    exactVersions,
    lockfile,
    licences,
    addresses(extraWords),
  ];
}
