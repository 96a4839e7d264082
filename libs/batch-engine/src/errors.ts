import { TwofoldError } from '@twofold/schemas';

/** Closed list of what an engine can refuse. */
export type EngineErrorCode =
  | 'ENGINE_OVERFLOW'
  | 'ENGINE_FAILED'
  | 'ENGINE_CRASHED'
  | 'ENGINE_OUT_OF_MEMORY'
  | 'ENGINE_DISK_FULL'
  | 'ENGINE_CLOSED';

export class EngineError extends TwofoldError<EngineErrorCode> {
  override readonly name = 'EngineError';
}
