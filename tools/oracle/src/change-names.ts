import type { changeFields } from '@twofold/schemas';

/** The fields that every change stream has, as it declares them. */
export const changeNames: typeof changeFields = {
  sign: 'changeSign',
  offset: 'changeOffset',
  ordinal: 'changeOrdinal',
};
