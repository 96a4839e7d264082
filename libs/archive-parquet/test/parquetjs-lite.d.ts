/** The little of parquetjs-lite that the conformance test uses; the package has no types of its own. */
declare module 'parquetjs-lite' {
  export interface ParquetField {
    readonly type: 'INT32' | 'INT64' | 'DOUBLE' | 'UTF8' | 'BYTE_ARRAY' | 'TIMESTAMP_MILLIS';
    readonly optional?: boolean;
    readonly compression?: 'SNAPPY' | 'UNCOMPRESSED';
  }
  export class ParquetSchema {
    constructor(fields: Readonly<Record<string, ParquetField>>);
  }
  export class ParquetWriter {
    static openFile(
      schema: ParquetSchema,
      path: string,
      options?: { pageIndex?: boolean; pageSize?: number; rowGroupSize?: number },
    ): Promise<ParquetWriter>;
    setMetadata(key: string, value: string): void;
    appendRow(row: Readonly<Record<string, unknown>>): Promise<void>;
    close(): Promise<void>;
  }
  export class ParquetReader {
    static openFile(path: string): Promise<ParquetReader>;
    getCursor(): { next(): Promise<Readonly<Record<string, unknown>> | null> };
    close(): Promise<void>;
  }
}
