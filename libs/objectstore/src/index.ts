export * from './directoryObjectStore';
export * from './objectStore';
export * from './s3Uri';
