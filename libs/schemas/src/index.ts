export * from './columns.ts';
export * from './decoder.ts';
export { isText as isTextKind } from './decoded-columns.ts';
export { decimalText } from './decimal-text.ts';
export { elementText, listText } from './list-text.ts';
export { messageTree, sourcePath, sourceText, type MessageNode, type RecordNode } from './message-tree.ts';
export * from './errors.ts';
export * from './record-batch.ts';
export * from './stream.ts';
export { dateRange, parseDate, parseInstant, unitsPerSecond } from './civil-time.ts';
export { compilePattern } from './compile-pattern.ts';
export { parsePattern, type PatternNode } from './pattern-syntax.ts';
export { stream, type StreamDeclaration } from './define-stream.ts';
export { changeFields, isChangeField, upsert, type UpsertDeclaration } from './define-upsert.ts';
export * from './field-builders.ts';
export * from './field-shapes.ts';
export * from './fingerprint-of.ts';
export * from './parse-duration.ts';
export { ArenaDictionary } from './arena-dictionary.ts';
export * from './create-decoder.ts';
export * from './create-classifier.ts';
export * from './id-reader.ts';
export * from './row-key.ts';
export { createPartitionKeyReader } from './partition-key.ts';
export * from './declaration-changes.ts';
export {
  compatibilityFaults,
  streamChanges,
  streamFacts,
  type StreamChange,
  type StreamFacts,
} from './compatibility.ts';
export { toJsonSchema, type JsonSchema } from './to-json-schema.ts';
export { importJsonSchema, type ImportOptions, type JsonSchemaImport } from './import-json-schema.ts';
export type { NumberChoice } from './import-field.ts';
export type { ImportNote, ImportProblem } from './json-schema-nodes.ts';
