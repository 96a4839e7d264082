/** Start of the pane of `widthMs` that an instant lies in, both in milliseconds; never -0. */
export function paneStart(timeMs: number, widthMs: number): number {
  return Math.floor(timeMs / widthMs) * widthMs + 0;
}
