/**
 * A list in its column: JSON without blanks, numbers in column units, texts by their shortest escapes, but for commas in
 * texts, which are escaped. So a comma always stands between two elements, and an element can be looked for.
 */
export function listText(elements: readonly (number | string)[]): string {
  return `[${elements.map(elementText).join(',')}]`;
}

/** One element as it stands in a list. */
export function elementText(element: number | string): string {
  return typeof element === 'number' ? String(element) : JSON.stringify(element).replaceAll(',', '\\u002c');
}
