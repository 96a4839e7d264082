/** Something that the person who runs the services can put right; the message says how. */
export class ServicesError extends Error {
  override readonly name = 'ServicesError';
}
