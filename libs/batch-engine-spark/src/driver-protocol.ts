/** What the driver is started with, as JSON in its first argument; see `driver/spark_driver.py`. */
export interface DriverSettings {
  readonly master: string;
  /** How the application is called where Spark shows it. */
  readonly name: string;
  /** Null: as the Python finds it. */
  readonly sparkHome: string | null;
  /** Folders and archives in which the Python looks for Spark first. */
  readonly pythonPath: readonly string[];
  readonly conf: Readonly<Record<string, string>>;
  /** A job whose files have fewer bytes is planned with `smallJobConf` beside `conf`. */
  readonly smallJobBytes: number;
  readonly smallJobConf: Readonly<Record<string, string>>;
}

/** Files that a job reads as one relation. */
export interface DriverSource {
  readonly name: string;
  /** Columns and their types, as Spark writes them. */
  readonly schema: string;
  readonly paths: readonly string[];
}

export interface RunOrder {
  readonly order: 'run';
  readonly job: number;
  /** What it is for, in words. */
  readonly what: string;
  readonly sql: string;
  readonly sources: readonly DriverSource[];
  /** A folder that is not there yet. */
  readonly into: string;
}

/** To the driver, one JSON text a line on its standard input. When the input ends, so does the driver. */
export type Order = RunOrder | { readonly order: 'cancel'; readonly job: number };

/** From the driver, one JSON text a line on its file descriptor 3. A job ends once. */
export type Reply =
  | { readonly ready: string }
  | { readonly job: number; readonly done: true }
  | { readonly job: number; readonly failed: string };

export const REPLY_FD = 3;
