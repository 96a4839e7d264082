export { tableText, zonesOfRuntime, type ZoneOffsets } from './zones-of-runtime.ts';
