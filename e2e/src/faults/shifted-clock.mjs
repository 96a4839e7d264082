// @ts-check
// Imported before a service's own modules: this process's wall clock is off by E2E_CLOCK_SHIFT_MS from now on.
const shiftMs = Number(process.env['E2E_CLOCK_SHIFT_MS'] ?? '0');
const now = Date.now.bind(Date);
Date.now = () => now() + shiftMs;
