/** One member of a JSON object, with its value as it is written. */
export interface Member {
  readonly key: string;
  readonly text: string;
}

/**
 * The members of a message that is one JSON object, values as they are written: what is not touched keeps every digit.
 * Null: it is no JSON object.
 */
export function membersOf(message: string): Member[] | null {
  if (!isJsonObject(message)) return null;
  const members: Member[] = [];
  let at = skipBlank(message, message.indexOf('{') + 1);
  while (message[at] !== '}') {
    const keyEnd = valueEnd(message, at);
    const start = skipBlank(message, skipBlank(message, keyEnd) + 1);
    const end = valueEnd(message, start);
    members.push({ key: String(JSON.parse(message.slice(at, keyEnd))), text: message.slice(start, end) });
    at = skipBlank(message, end);
    if (message[at] === ',') at = skipBlank(message, at + 1);
  }
  return members;
}

export function messageOf(members: readonly Member[]): string {
  return `{${members.map(({ key, text }) => `${JSON.stringify(key)}:${text}`).join(',')}}`;
}

/** The members with one set: wherever it stands, else at the end. */
export function withMember(members: readonly Member[], key: string, text: string): Member[] {
  if (!members.some((member) => member.key === key)) return [...members, { key, text }];
  return members.map((member) => (member.key === key ? { key, text } : member));
}

/** The same within objects, by the keys that lead there. An object that is null or not there is made. */
export function withMemberAt(members: readonly Member[], path: readonly string[], text: string): Member[] {
  const [key, ...inner] = path;
  if (key === undefined) return [...members];
  if (inner.length === 0) return withMember(members, key, text);
  const nested = membersOf(members.find((member) => member.key === key)?.text ?? '{}') ?? [];
  return withMember(members, key, messageOf(withMemberAt(nested, inner, text)));
}

function isJsonObject(message: string): boolean {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** One past a value that is known to be well-formed. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const sign = text[at] ?? '';
    if (sign === '"') {
      at = stringEnd(text, at);
      if (depth === 0) return at + 1;
    } else if (sign === '{' || sign === '[') depth++;
    else if (sign === '}' || sign === ']') {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && (sign === ',' || sign === ':' || sign.trim() === '')) return at;
  }
  return text.length;
}

/** The place of the closing quote. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function skipBlank(text: string, start: number): number {
  let at = start;
  while (text[at] !== undefined && text[at]?.trim() === '') at++;
  return at;
}
