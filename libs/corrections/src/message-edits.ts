import { CorrectionError } from './errors.ts';
import { membersOf, messageOf, withMember, type Member } from './message-members.ts';

/** One step that mends a message, of a closed list: never code. `value` is JSON text. */
export type MessageEdit =
  | { readonly edit: 'set' | 'default'; readonly key: string; readonly value: string }
  | { readonly edit: 'drop'; readonly key: string }
  | { readonly edit: 'number' | 'text' | 'trim'; readonly key: string }
  | { readonly edit: 'rename'; readonly key: string; readonly to: string }
  | { readonly edit: 'scale'; readonly key: string; readonly by: number }
  | { readonly edit: 'replace'; readonly key: string; readonly text: string; readonly by: string };

const forms = `set <key> = <json>, default <key> = <json>, drop <key>, rename <key> to <key>, number <key>, text <key>, trim <key>, scale <key> by <number>, replace "<text>" by "<text>" in <key>`;

/**
 * Edits as people write them, parted by `;`: `rename temp to temperature; number temperature; set unit = "C"`. A text is
 * JSON text in double quotes. `number` makes a number of a text, `text` a text of what is there; what can not be done to a
 * message leaves it as it is there. Throws CORRECTION_INVALID.
 */
export function parseEdits(text: string): MessageEdit[] {
  const steps = partsOf(text).filter((step) => step !== '');
  if (steps.length === 0) throw invalid(`there is no step; there are: ${forms}`);
  return steps.map(parseEdit);
}

function parseEdit(step: string): MessageEdit {
  const key = String.raw`([\w.$-]+|"(?:[^"\\]|\\.)*")`;
  const matched = (form: string): string[] | null => {
    const found = new RegExp(`^${form}$`, 's').exec(step);
    return found === null ? null : found.slice(1);
  };
  const value = matched(`(set|default)\\s+${key}\\s*=\\s*(.+)`);
  if (value !== null)
    return { edit: value[0] === 'set' ? 'set' : 'default', key: nameOf(value[1]), value: jsonOf(step, value[2] ?? '') };
  const alone = matched(`(drop|number|text|trim)\\s+${key}`);
  const plainStep = (['drop', 'number', 'text', 'trim'] as const).find((each) => each === alone?.[0]);
  if (alone !== null && plainStep !== undefined) return { edit: plainStep, key: nameOf(alone[1]) };
  const rename = matched(`rename\\s+${key}\\s+to\\s+${key}`);
  if (rename !== null) return { edit: 'rename', key: nameOf(rename[0]), to: nameOf(rename[1]) };
  const scale = matched(`scale\\s+${key}\\s+by\\s+(-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?)`);
  if (scale !== null) return { edit: 'scale', key: nameOf(scale[0]), by: Number(scale[1]) };
  const quoted = String.raw`("(?:[^"\\]|\\.)*")`;
  const replace = matched(`replace\\s+${quoted}\\s+by\\s+${quoted}\\s+in\\s+${key}`);
  if (replace === null) throw invalid(`'${step}' is no step; there are: ${forms}`);
  return { edit: 'replace', text: nameOf(replace[0]), by: nameOf(replace[1]), key: nameOf(replace[2]) };
}

/** The message with the edits made, one after the other; null: it is no JSON object, and nothing can be done to it. */
export function editMessage(message: string, edits: readonly MessageEdit[]): string | null {
  let members: readonly Member[] | null = membersOf(message);
  if (members === null) return null;
  for (const edit of edits) members = edited(members, edit);
  return messageOf(members);
}

function edited(members: readonly Member[], edit: MessageEdit): readonly Member[] {
  const { key } = edit;
  const old = members.findLast((member) => member.key === key)?.text;
  switch (edit.edit) {
    case 'set':
      return withMember(members, key, edit.value);
    case 'default':
      return old === undefined || old === 'null' ? withMember(members, key, edit.value) : members;
    case 'drop':
      return members.filter((member) => member.key !== key);
    case 'rename':
      if (old === undefined) return members;
      return withMember(
        members.filter((member) => member.key !== key),
        edit.to,
        old,
      );
    default: {
      const text = old === undefined ? null : changed(old, edit);
      return text === null ? members : withMember(members, key, text);
    }
  }
}

/** Null: it can not be done to this value. */
function changed(
  old: string,
  edit: Exclude<MessageEdit, { edit: 'set' | 'default' | 'drop' | 'rename' }>,
): string | null {
  const value: unknown = JSON.parse(old);
  switch (edit.edit) {
    case 'number': {
      const text = typeof value === 'string' ? value.trim().replace(/^\+/, '') : '';
      // As it is written, digit for digit.
      return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? text : null;
    }
    case 'text':
      return typeof value === 'string' || value === null || typeof value === 'object' ? null : JSON.stringify(old);
    case 'trim':
      return typeof value === 'string' ? JSON.stringify(value.trim()) : null;
    case 'scale': {
      const scaled = typeof value === 'number' ? Number((value * edit.by).toPrecision(15)) : NaN;
      return Number.isFinite(scaled) ? String(scaled) : null;
    }
    case 'replace':
      return typeof value === 'string' ? JSON.stringify(value.split(edit.text).join(edit.by)) : null;
  }
}

/** Parted at `;` outside of quotes. */
function partsOf(text: string): string[] {
  return (text.match(/(?:"(?:[^"\\]|\\.)*"|[^;"]|")+/gs) ?? []).map((part) => part.trim());
}

function nameOf(text = ''): string {
  return text.startsWith('"') ? String(JSON.parse(text)) : text;
}

function jsonOf(step: string, text: string): string {
  try {
    return JSON.stringify(JSON.parse(text)) === undefined ? text : text.trim();
  } catch {
    throw invalid(`'${step}': ${text} is no JSON value; a text stands in double quotes`);
  }
}

function invalid(message: string): CorrectionError {
  return new CorrectionError(
    'CORRECTION_INVALID',
    `The transformation can not be used: ${message}. Nothing was changed.`,
  );
}
