import { TwofoldError } from '@twofold/schemas';

/** Closed list of what the platform can refuse. */
export type ServiceErrorCode = 'CONFIG_INVALID' | 'DEADLINE_PASSED' | 'WEBHOOK_REFUSED' | 'WEBHOOK_UNREACHABLE';

export class ServiceError extends TwofoldError<ServiceErrorCode> {
  override readonly name = 'ServiceError';
}
