export * from './directoryObjectStore';
export * from './objectStore';
export { parseS3Uri, type S3Location } from './s3Uri';
