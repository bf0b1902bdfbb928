export * from './directoryObjectStore';
export * from './objectStore';
export * from './s3ObjectStore';
export { parseS3Uri, type S3Location } from './s3Uri';
