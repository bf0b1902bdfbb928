#!/usr/bin/env node
import { createRequire } from 'node:module';
import { bootstrap } from '../scripts/setup/bootstrap.mjs';

await bootstrap();
createRequire(import.meta.url)('../services/local/dist/main.js');
