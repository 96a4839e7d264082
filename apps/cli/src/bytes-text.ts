/** Characters of a dead letter that are shown to people; `--json` has all its bytes. */
const SHOWN = 160;

/** Bytes as people can read them: what is no printable ASCII is escaped. */
export function bytesText(given: Uint8Array | null, most = SHOWN): string {
  if (given === null) return '(its bytes are no longer there)';
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  const text = bytes.subarray(0, most).toString('latin1');
  const escaped = text.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return bytes.length > most ? `${escaped}… (${bytes.length} bytes)` : escaped;
}
