import fc from 'fast-check';

/**
 * What a commit is told of itself is the same on every machine: its laws are tried on the cases of one seed, as
 * histories and fuzz are. Others are tried by another seed, `LAWS_SEED=12345 npm test`.
 */
const seed = Number(process.env['LAWS_SEED'] ?? 1);
if (!Number.isSafeInteger(seed)) throw new Error('LAWS_SEED has to be a whole number');
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
