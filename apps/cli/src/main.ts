#!/usr/bin/env node
import { runCli } from './run-cli.ts';

process.exitCode = await runCli(process.argv.slice(2));
// Work that hangs after a failure must not keep the process.
process.exit();
