// What the tests use of the inside of kafkajs.

declare module 'kafkajs/src/consumer/batch.js' {
  export default class Batch {
    constructor(
      topic: string,
      fetchedOffset: number,
      partition: {
        partition: number;
        messages: unknown[];
        abortedTransactions: { producerId: string; firstOffset: string }[];
      },
    );
    readonly messages: { offset: string; timestamp: string; key: Buffer | null; value: Buffer | null }[];
  }
}

declare module 'kafkajs/src/protocol/decoder.js' {
  export default class Decoder {
    constructor(buffer: Buffer);
  }
}

declare module 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js' {
  import type Decoder from 'kafkajs/src/protocol/decoder.js';
  export default function decodeMessages(decoder: Decoder): Promise<unknown[]>;
}
