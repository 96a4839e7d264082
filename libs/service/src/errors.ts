import { TwofoldError } from '@twofold/schemas';

/** Closed list of what the platform can refuse. */
export type ServiceErrorCode =
  'CONFIG_INVALID' | 'DEADLINE_PASSED' | 'WEBHOOK_REFUSED' | 'WEBHOOK_UNREACHABLE' | 'ADDRESS_NOT_USABLE';

export class ServiceError extends TwofoldError<ServiceErrorCode> {
  override readonly name = 'ServiceError';
}
