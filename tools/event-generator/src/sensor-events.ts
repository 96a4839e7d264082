import { Prng } from './prng.ts';
import { TimeHeap } from './time-heap.ts';

/** The headline's sensors. Rates are of messages; the defaults are those of the published description. */
export interface SensorSettings {
  readonly seed: number;
  readonly sensors: number;
  /** Messages per second of event time, over all sensors. */
  readonly ratePerSecond: number;
  /** Event time of the first tick, milliseconds since 1970. */
  readonly startMs: number;
  readonly outOfOrder: number;
  readonly late: number;
  readonly malformed: number;
  readonly duplicate: number;
  readonly anomalyStart: number;
}

export const SENSOR_DEFAULTS: SensorSettings = {
  seed: 42,
  sensors: 10_000,
  ratePerSecond: 10_000,
  startMs: Date.UTC(2026, 0, 1),
  outOfOrder: 0.01,
  late: 0.001,
  malformed: 0.0001,
  duplicate: 0.0001,
  anomalyStart: 0.0001,
};

/** What was generated so far; the truth that a run is compared with. */
export interface SensorTruth {
  messages: number;
  /** Well-formed and for the first time. */
  events: number;
  outOfOrder: number;
  late: number;
  malformed: number;
  duplicates: number;
  /** Events of a vibration burst. */
  anomalies: number;
}

export interface SensorMessage {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** When it is sent, milliseconds of event time; rises from message to message. */
  readonly sendMs: number;
  readonly kind: 'EVENT' | 'DUPLICATE' | 'MALFORMED';
}

interface Sensor {
  readonly id: string;
  readonly key: Uint8Array;
  temperature: number;
  lastMs: number;
  burstLeft: number;
  burstSigmas: number;
}

const OUT_OF_ORDER_MS = 2_000;
const LATE_MS = 60_000;
/** A duplicate repeats one of this many last messages, so that it lies inside any sensible horizon. */
const RECENT = 1_000;
/** Vibration: mean and standard deviation of its normal distribution, mm/s. */
const VIBRATION_MEAN = 1;
const VIBRATION_SIGMA = 0.2;

const encoder = new TextEncoder();

/** A seeded stream of sensor messages, with late, repeated, malformed and anomalous ones at the given rates. */
export class SensorEvents {
  readonly truth: SensorTruth = {
    messages: 0,
    events: 0,
    outOfOrder: 0,
    late: 0,
    malformed: 0,
    duplicates: 0,
    anomalies: 0,
  };
  readonly #settings: SensorSettings;
  readonly #random: Prng;
  readonly #ticks = new TimeHeap<Sensor>();
  readonly #outbox = new TimeHeap<Omit<SensorMessage, 'sendMs'>>();
  readonly #recent: Omit<SensorMessage, 'sendMs'>[] = [];
  #nowMs: number;

  constructor(settings: Partial<SensorSettings> = {}) {
    this.#settings = { ...SENSOR_DEFAULTS, ...settings };
    this.#random = new Prng(this.#settings.seed);
    this.#nowMs = this.#settings.startMs;
    for (let n = 0; n < this.#settings.sensors; n++) this.#addSensor(n);
  }

  /** The next `count` messages, in the order in which they are sent. */
  take(count: number): SensorMessage[] {
    const messages: SensorMessage[] = [];
    while (messages.length < count) messages.push(this.#next());
    return messages;
  }

  /** All messages that are sent before a time of event time. */
  takeUntil(untilMs: number): SensorMessage[] {
    const messages: SensorMessage[] = [];
    while (Math.min(this.#ticks.nextAt, this.#outbox.nextAt) < untilMs) {
      if (this.#outbox.nextAt > this.#ticks.nextAt) this.#tick();
      else messages.push(this.#send());
    }
    return messages;
  }

  #next(): SensorMessage {
    while (this.#outbox.nextAt > this.#ticks.nextAt) this.#tick();
    return this.#send();
  }

  #send(): SensorMessage {
    const sendMs = Math.max(this.#nowMs, Math.ceil(this.#outbox.nextAt));
    const message = this.#outbox.pop();
    if (message === null) throw new RangeError('the outbox is filled before it is asked');
    this.#nowMs = sendMs;
    this.truth.messages++;
    return { ...message, sendMs };
  }

  #addSensor(n: number): void {
    const id = `s-${String(n).padStart(5, '0')}`;
    const periodMs = this.#periodMs();
    const sensor: Sensor = {
      id,
      key: encoder.encode(id),
      temperature: 20 + 60 * this.#random.next(),
      lastMs: -Infinity,
      burstLeft: 0,
      burstSigmas: 0,
    };
    this.#ticks.push(this.#settings.startMs + this.#random.next() * periodMs, sensor);
  }

  #periodMs(): number {
    return (1000 * this.#settings.sensors) / this.#settings.ratePerSecond;
  }

  /** One reading of the sensor whose turn it is; it is sent now, a little later, or much later. */
  #tick(): void {
    const at = this.#ticks.nextAt;
    const sensor = this.#ticks.pop();
    if (sensor === null) return;
    this.#ticks.push(at + this.#periodMs() * (0.9 + 0.2 * this.#random.next()), sensor);
    const eventMs = Math.max(Math.floor(at), sensor.lastMs + 1);
    sensor.lastMs = eventMs;
    const value = encoder.encode(this.#reading(sensor, eventMs));
    const message = { key: sensor.key, value, kind: 'EVENT' as const };
    this.truth.events++;
    this.#outbox.push(at + this.#delayMs(), message);
    this.#remember(message);
    if (this.#random.chance(this.#settings.duplicate)) this.#repeat(at);
    if (this.#random.chance(this.#settings.malformed)) this.#spoil(at, sensor, value);
  }

  #delayMs(): number {
    if (this.#random.chance(this.#settings.outOfOrder)) {
      this.truth.outOfOrder++;
      return this.#random.next() * OUT_OF_ORDER_MS;
    }
    if (!this.#random.chance(this.#settings.late)) return 0;
    this.truth.late++;
    return this.#random.next() * LATE_MS;
  }

  #reading(sensor: Sensor, eventMs: number): string {
    const random = this.#random;
    sensor.temperature = Math.min(80, Math.max(20, 50 + 0.99 * (sensor.temperature - 50) + random.normal()));
    const pressure = 90 + 30 * random.next();
    if (sensor.burstLeft === 0 && random.chance(this.#settings.anomalyStart)) {
      sensor.burstLeft = 3 + random.below(18);
      sensor.burstSigmas = 6 + 6 * random.next();
    }
    let vibration = VIBRATION_MEAN + VIBRATION_SIGMA * random.normal();
    if (sensor.burstLeft > 0) {
      sensor.burstLeft--;
      vibration += sensor.burstSigmas * VIBRATION_SIGMA;
      this.truth.anomalies++;
    }
    return `{"sensor_id":"${sensor.id}","timestamp":${eventMs},"temperature":${sensor.temperature.toFixed(2)},"pressure":${pressure.toFixed(3)},"vibration":${Math.abs(vibration).toFixed(4)}}`;
  }

  #remember(message: Omit<SensorMessage, 'sendMs'>): void {
    if (this.#recent.length < RECENT) this.#recent.push(message);
    else this.#recent[this.#random.below(RECENT)] = message;
  }

  /** Sends an event again that was sent before, or is about to be. */
  #repeat(at: number): void {
    const again = this.#recent[this.#random.below(this.#recent.length)];
    if (again === undefined) return;
    this.truth.duplicates++;
    this.#outbox.push(at, { ...again, kind: 'DUPLICATE' });
  }

  #spoil(at: number, sensor: Sensor, value: Uint8Array): void {
    this.truth.malformed++;
    this.#outbox.push(at, {
      key: sensor.key,
      value: spoiled(this.#random.below(6), sensor.id, value),
      kind: 'MALFORMED',
    });
  }
}

/** Six ways in which a sensor's message is wrong. */
function spoiled(way: number, id: string, value: Uint8Array): Uint8Array {
  if (way === 0) return value.slice(0, value.length >> 1);
  if (way === 1)
    return encoder.encode(
      `{"sensor_id":"${id}","timestamp":"yesterday","temperature":20,"pressure":100,"vibration":1}`,
    );
  if (way === 2) return encoder.encode(`{"sensor_id":"${id}","temperature":20,"pressure":100,"vibration":1}`);
  if (way === 3)
    return encoder.encode(
      `{"sensor_id":"${id}","timestamp":1767225600000,"temperature":1e400,"pressure":100,"vibration":1}`,
    );
  if (way === 4) return Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d);
  return new Uint8Array(0);
}
