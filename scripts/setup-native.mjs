import { setupNative } from './native/setupNative.mjs';

console.log(await setupNative());
